interface RoomRule {
  /** Rooms whose values and types may be imported. */
  readonly uses: readonly string[];
  /** Rooms of which only types may be imported. */
  readonly types: readonly string[];
}

const alone: RoomRule = { uses: ['errors'], types: ['rows', 'config'] };
/** Rooms that read JSON whose numbers keep their digits. */
const readers: RoomRule = { uses: ['errors', 'json'], types: alone.types };

/** Who may import whom; a room may always import itself. A folder of `src/` that is not here is no room. */
export const rooms: Readonly<Record<string, RoomRule>> = {
  cli: {
    uses: [
      'errors',
      'config',
      'json',
      'pseudonyms',
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
    ],
    types: [],
  },
  // What other programs see, and nothing else: all that it does is to name it.
  'index.ts': { uses: ['errors', 'library', 'config', 'user-list', 'run', 'destinations'], types: ['rows'] },
  library: { uses: ['errors', 'config', 'user-list', 'destinations', 'run'], types: ['chat-api', 'rows'] },
  run: {
    uses: ['errors', 'user-list', 'chat-api', 'resilience', 'rows', 'destinations', 'pseudonyms'],
    types: ['config'],
  },
  preflight: { uses: ['errors', 'user-list', 'chat-api', 'rows', 'destinations', 'run'], types: ['config'] },
  'past-runs': { uses: ['errors', 'rows', 'destinations', 'run'], types: ['config'] },
  ping: { uses: ['errors', 'chat-api'], types: ['config'] },
  destinations: { uses: ['errors', 'rows', 'database-url', 'json'], types: ['config'] },
  report: { uses: ['errors', 'json'], types: ['run', 'preflight', 'past-runs', 'rows', 'config'] },
  'user-list': alone,
  'chat-api': readers,
  resilience: alone,
  pseudonyms: alone,
  rows: readers,
  config: { uses: ['errors', 'database-url'], types: ['rows'] },
  'database-url': { uses: [], types: [] },
  json: { uses: [], types: [] },
  errors: { uses: [], types: [] },
  simulator: { uses: [], types: [] },
};

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
