import { parseDatabaseUrl } from '../../database-url/database-url.ts';
import { Secret } from '../../secrets/secret.ts';
import type { DestinationKind } from '../contract/kind.ts';
import type { ReadSettings } from '../contract/run-archive.ts';
import { assumedBytesInDatabase } from './assumed-bytes.ts';

type PostgresTyped = {
  readonly kind: 'postgres';
  readonly url: Secret;
  /** The URL without password and parameters, for messages. */
  readonly shown: string;
  readonly hasPassword: boolean;
};
type PostgresDatabase = Omit<PostgresTyped, 'hasPassword'>;
type PostgresPlace = PostgresDatabase & { readonly schema: string };

const reached = ({ url, shown, schema }: PostgresPlace, { caFile, waiting }: ReadSettings) => ({
  url: url.reveal(),
  name: shown,
  schema,
  caFile,
  waiting,
});

/** A schema of a PostgreSQL database that others run. */
export const postgresKind: DestinationKind<PostgresTyped, PostgresPlace, PostgresDatabase> = {
  name: 'postgres',
  forms: [
    {
      schemes: ['postgres', 'postgresql'],
      shown: 'postgres://…',
      rest: 'url',
      offer: {
        label: 'into a PostgreSQL database',
        hint: '15 to 18',
        question: {
          text: 'Its URL, without a password: use PGPASSWORD or ~/.pgpass for it',
          example: 'postgres://exporter@warehouse.example.com/analytics',
        },
      },
    },
  ],
  keepsEarlierRows: true,
  elsewhere: 'another --schema',
  startsServer: false,
  erasureRemovesRuns: false,

  parse({ whole }) {
    const { shown, hasPassword } = parseDatabaseUrl(whole);
    return { kind: 'postgres', url: new Secret(whole), shown, hasPassword };
  },
  aboutTyped: ({ shown, hasPassword }) => ({
    shown,
    scheme: 'postgres',
    hasPassword,
    ignored: { compress: 'a database has no files' },
    refused: {},
  }),
  resolve: ({ url, shown }, { schema }) => ({ kind: 'postgres', url, shown, schema }),
  about: ({ shown, schema }) => ({
    name: shown,
    label: 'postgres',
    schema,
    ownDirectory: null,
    assumedBytes: assumedBytesInDatabase,
  }),

  async open({ url, shown: name, schema }, settings) {
    const { PostgresDestination } = await import('./postgres-destination.ts');
    return await PostgresDestination.open({ ...settings, url: url.reveal(), name, schema });
  },
  async openArchive(place, settings) {
    const { PostgresArchive } = await import('./read/postgres-archive.ts');
    return await PostgresArchive.open(reached(place, settings));
  },
  async inspect(place, settings) {
    const { inspectSchema } = await import('./read/inspect-schema.ts');
    return await inspectSchema({ ...settings, ...reached(place, settings) });
  },
  database: {
    resolve: ({ url, shown }) => ({ kind: 'postgres', url, shown }),
    nameOf: ({ shown }) => shown,
    // One that is not there refuses the connection.
    exists: () => Promise.resolve(true),
    async *queryUsers({ url, shown: name }, query) {
      const { queryRows } = await import('./read/query-rows.ts');
      yield* queryRows({ ...query, url: url.reveal(), name });
    },
    async openSession(place, settings) {
      const { ReadOnlySession } = await import('./read/read-only-session.ts');
      const { stop } = settings;
      return await ReadOnlySession.open({ ...reached(place, settings), purpose: 'query', stop });
    },
    migrations: {
      async up(place, settings) {
        const { databaseMigrations } = await import('./schema/database-migrations.ts');
        return await databaseMigrations({ ...reached(place, settings), share: settings.share }, 'up');
      },
      async status(place, settings) {
        const { databaseMigrations } = await import('./schema/database-migrations.ts');
        return await databaseMigrations({ ...reached(place, settings), share: settings.share }, 'status');
      },
      async script(place, settings) {
        const { databaseMigrationScript } = await import('./schema/database-migrations.ts');
        return await databaseMigrationScript({ ...reached(place, settings), share: settings.share });
      },
    },
  },
};
