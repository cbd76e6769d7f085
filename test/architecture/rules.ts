import { kinds } from '../../src/destinations/open/kinds.ts';

interface RoomRule {
  /** Rooms whose values and types may be imported. */
  readonly uses: readonly string[];
  /** Rooms of which only types may be imported. */
  readonly types: readonly string[];
}

const alone: RoomRule = { uses: ['errors'], types: ['rows', 'config'] };

/**
 * The allowed imports between modules. A module may always import itself. A folder of `src/` that is not here is not a module.
 */
export const rooms: Readonly<Record<string, RoomRule>> = {
  cli: {
    uses: [
      'errors',
      'config',
      'json',
      'pseudonyms',
      'secrets',
      'user-list',
      'chat-api',
      'resilience',
      'rows',
      'run',
      'preflight',
      'past-runs',
      'destinations',
      'report',
      'ping',
      'simulator',
      'text',
    ],
    types: [],
  },
  // The public interface for other programs: it only exports names.
  'index.ts': { uses: ['errors', 'library', 'config', 'user-list', 'run', 'destinations'], types: ['rows'] },
  library: { uses: ['errors', 'config', 'user-list', 'destinations', 'run'], types: ['chat-api', 'rows'] },
  run: {
    uses: ['errors', 'user-list', 'chat-api', 'resilience', 'rows', 'destinations', 'pseudonyms', 'text'],
    types: ['config', 'secrets'],
  },
  preflight: {
    uses: ['errors', 'user-list', 'chat-api', 'rows', 'destinations', 'run', 'text'],
    types: ['config'],
  },
  'past-runs': { uses: ['errors', 'rows', 'destinations', 'run'], types: ['config'] },
  ping: { uses: ['errors', 'chat-api'], types: ['config'] },
  // A kind of destination says how `--to` names it, and config asks the list of kinds: so destinations know nothing of config.
  destinations: {
    uses: ['errors', 'rows', 'database-url', 'json', 'secrets', 'resilience', 'text'],
    types: [],
  },
  report: {
    uses: ['errors', 'json', 'destinations', 'resilience', 'text'],
    types: ['run', 'preflight', 'past-runs', 'rows', 'config'],
  },
  'user-list': alone,
  'chat-api': { uses: ['errors', 'json'], types: alone.types },
  resilience: { uses: [], types: [] },
  pseudonyms: alone,
  rows: { uses: ['errors', 'json'], types: [] },
  config: { uses: ['errors', 'destinations', 'secrets', 'text'], types: ['rows'] },
  'database-url': { uses: [], types: [] },
  json: { uses: [], types: [] },
  errors: { uses: [], types: [] },
  secrets: { uses: [], types: [] },
  simulator: { uses: [], types: [] },
  text: { uses: [], types: [] },
};

/**
 * The folders of `src/destinations/` that other rooms may import. A kind is reached over the list of kinds, so that a new kind is its own
 * folder and one line of the list. Files side by side with these folders may be imported, too.
 */
export const openDestinations: readonly string[] = ['contract', 'open'];

/** Which folders of `src/destinations/` a folder imports beside its own: by default the contract, as a kind does. */
export const destinationFolders: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  // It is a PostgreSQL, and adds a server to it.
  embedded: ['contract', 'postgres'],
};

/** The folder that knows all kinds; of a kind's folder it imports this file and no other. */
export const kindList = { folder: 'open', file: 'kind.ts' } as const;

/** Names of kinds, of which no code outside of `src/destinations/` asks: what differs between kinds is said by the kind. */
export const kindsOfDestinations: ReadonlySet<string> = new Set(kinds.map(({ name }) => name));

/** Files that every start of the program loads. With all that they import at once, they load no package. */
export const lightFiles: readonly string[] = ['src/destinations/open/kinds.ts'];

interface PackageRule {
  readonly packages: readonly string[];
  /** Folders that alone may import them. */
  readonly onlyIn?: readonly string[];
  /** Folders that may not. */
  readonly notIn?: readonly string[];
}

export const packageRules: readonly PackageRule[] = [
  {
    packages: ['pg', 'pg-copy-streams', 'pg-cursor'],
    onlyIn: ['src/destinations/postgres', 'src/destinations/embedded'],
  },
  { packages: ['@duckdb/node-api'], onlyIn: ['src/destinations/files/formats/parquet'] },
  { packages: ['undici'], onlyIn: ['src/chat-api'] },
  { packages: ['prom-client'], onlyIn: ['src/report/metrics'] },
  { packages: ['log-update'], onlyIn: ['src/cli'] },
  { packages: ['d3-scale', 'd3-shape'], onlyIn: ['src/report/page'] },
  { packages: ['node:fs', 'fs'], notIn: ['src/rows', 'src/resilience'] },
  { packages: ['node:process', 'process'], onlyIn: [] },
];

/** The only file that may end the process. */
export const mayExit = 'src/cli/main.ts';

/** Names that say nothing, and so gather everything. */
export const vagueNames: ReadonlySet<string> = new Set([
  'utils',
  'common',
  'helpers',
  'lib',
  'types',
  'misc',
]);

/** A folder of `src/` with more files side by side is split by what they are for. */
export const MAX_FILES_IN_A_FOLDER = 20;
