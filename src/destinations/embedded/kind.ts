import { resolve } from 'node:path';
import type { DestinationKind } from '../contract/kind.ts';
import type { ReadSettings } from '../contract/run-archive.ts';
import { waitingOfRun } from '../contract/waiting.ts';
import { assumedBytesInDatabase } from '../postgres/assumed-bytes.ts';
import { typedDirectory } from '../typed-directory.ts';
import type { EmbeddedServer } from './server.ts';

type EmbeddedTyped = { readonly kind: 'embedded'; readonly dir: string };
type EmbeddedPlace = EmbeddedTyped & { readonly schema: string };

const embeddedName = ({ dir }: { readonly dir: string }): string => `embedded:${dir}`;

/** A schema of the bundled PostgreSQL, in a directory. */
export const embeddedKind: DestinationKind<EmbeddedTyped, EmbeddedPlace, EmbeddedTyped> = {
  name: 'embedded',
  forms: [
    {
      schemes: ['embedded'],
      shown: 'embedded:DIR',
      rest: 'path',
      offer: {
        label: 'into the bundled PostgreSQL',
        hint: 'for trials',
        question: { text: 'The directory: new, empty, or with an earlier export', initial: 'trial' },
      },
    },
  ],
  keepsEarlierRows: true,
  elsewhere: 'another --schema',
  startsServer: true,
  erasureRemovesRuns: false,

  parse: ({ rest }) => ({ kind: 'embedded', dir: typedDirectory('embedded', rest) }),
  aboutTyped: (typed) => ({
    shown: embeddedName(typed),
    scheme: 'embedded',
    hasPassword: false,
    ignored: { compress: 'a database has no files' },
    refused: {
      share:
        'the bundled server is reached from its own machine alone; choose a PostgreSQL that all machines reach',
    },
  }),
  resolve: ({ dir }, { schema }, base) => ({ kind: 'embedded', dir: resolve(base, dir), schema }),
  about: (place) => ({
    name: embeddedName(place),
    label: 'embedded',
    schema: place.schema,
    ownDirectory: null,
    assumedBytes: assumedBytesInDatabase,
  }),

  async open(place, settings) {
    const { EmbeddedSupervisor } = await import('./supervisor.ts');
    const { PostgresDestination } = await import('../postgres/postgres-destination.ts');
    const { maxOutageMs, stop, events } = settings;
    const waiting = waitingOfRun({ maxOutageMs, stop, onNotice: events.onNotice });
    const keeper = await EmbeddedSupervisor.start(place.dir, waiting);
    return await whileServed(keeper, async () => {
      const { dir, schema } = place;
      const url = await keeper.url();
      return await PostgresDestination.open({
        ...settings,
        url,
        name: embeddedName({ dir }),
        schema,
        caFile: null,
        keeper,
      });
    });
  },
  async openArchive({ dir, schema }, { waiting }) {
    const { PostgresArchive } = await import('../postgres/read/postgres-archive.ts');
    const server = await startExisting(dir, { waiting });
    return await whileServed(server, () =>
      PostgresArchive.open({ url: server.url, name: embeddedName({ dir }), schema, waiting }),
    );
  },
  async inspect({ dir, schema }, { caFile: _, ...settings }) {
    const { inspectEmbedded } = await import('./inspect.ts');
    return await inspectEmbedded({ ...settings, dir, schema });
  },
  database: {
    resolve: ({ dir }, base) => ({ kind: 'embedded', dir: resolve(base, dir) }),
    nameOf: embeddedName,
    // Starting a server there would create a database.
    async exists({ dir }) {
      const { hasCluster } = await import('./cluster.ts');
      return await hasCluster(dir);
    },
    async *queryUsers({ dir }, { caFile: _, ...query }) {
      const { startEmbeddedServer } = await import('./server.ts');
      const { queryRows } = await import('../postgres/read/query-rows.ts');
      const server = await startEmbeddedServer({ dir, waiting: query.waiting });
      try {
        yield* queryRows({ ...query, url: await server.readerUrl(), name: embeddedName({ dir }) });
      } finally {
        await server.stop();
      }
    },
    async openSession({ dir, schema }, { stop, waiting }) {
      const { ReadOnlySession } = await import('../postgres/read/read-only-session.ts');
      const server = await startExisting(dir, { waiting });
      return await whileServed(server, async () =>
        ReadOnlySession.open({
          url: await server.readerUrl(),
          name: embeddedName({ dir }),
          schema,
          caFile: null,
          purpose: 'query',
          stop,
          waiting,
        }),
      );
    },
    migrations: null,
  },
};

async function startExisting(
  dir: string,
  { waiting }: Pick<ReadSettings, 'waiting'>,
): Promise<EmbeddedServer> {
  const { startEmbeddedServer } = await import('./server.ts');
  return await startEmbeddedServer({ dir, create: false, waiting });
}

/** Opens something over a server, and ends the server when it is closed. */
async function whileServed<T extends { close(): Promise<void> }>(
  server: { stop(): Promise<void> },
  open: () => Promise<T>,
): Promise<T> {
  try {
    const opened = await open();
    const { close } = opened;
    return Object.assign(opened, {
      close: async () => {
        try {
          await close.call(opened);
        } finally {
          await server.stop();
        }
      },
    });
  } catch (error) {
    await server.stop();
    throw error;
  }
}
