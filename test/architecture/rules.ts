interface RoomRule {
  /** Rooms whose values and types may be imported. */
  readonly uses: readonly string[];
  /** Rooms of which only types may be imported. */
  readonly types: readonly string[];
}

const alone: RoomRule = { uses: [], types: ['tables', 'job'] };
/** Rooms that read JSON whose numbers keep their digits. */
const readers: RoomRule = { uses: ['json'], types: alone.types };

/** Who may import whom; a room may always import itself. A folder of `src/` that is not here is no room. */
export const rooms: Readonly<Record<string, RoomRule>> = {
  cli: {
    uses: [
      'job',
      'pseudonyms',
      'users',
      'chat-api',
      'pacing',
      'tables',
      'run',
      'check',
      'verify',
      'destinations',
      'report',
      'ping',
      'simulator',
    ],
    types: [],
  },
  // What other programs see, and nothing else: all that it does is to name it.
  'index.ts': { uses: ['library', 'job', 'users', 'run', 'destinations'], types: ['tables'] },
  library: { uses: ['job', 'users', 'destinations', 'run'], types: ['chat-api', 'tables'] },
  run: { uses: ['users', 'chat-api', 'pacing', 'tables', 'destinations', 'pseudonyms'], types: ['job'] },
  check: { uses: ['users', 'chat-api', 'tables', 'destinations', 'run'], types: ['job'] },
  verify: { uses: ['tables', 'destinations', 'run'], types: ['job'] },
  ping: { uses: ['chat-api'], types: ['job'] },
  destinations: { uses: ['tables', 'database-url'], types: ['job'] },
  report: { uses: [], types: ['run', 'check', 'verify', 'tables', 'job'] },
  users: alone,
  'chat-api': readers,
  pacing: alone,
  pseudonyms: alone,
  tables: readers,
  job: { uses: ['database-url'], types: ['tables'] },
  'database-url': { uses: [], types: [] },
  json: { uses: [], types: [] },
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
  { packages: ['pg', 'pg-copy-streams', 'pg-cursor'], onlyIn: ['src/destinations/postgres'] },
  { packages: ['@duckdb/node-api'], onlyIn: ['src/destinations/parquet'] },
  { packages: ['undici'], onlyIn: ['src/chat-api'] },
  { packages: ['prom-client'], onlyIn: ['src/report/metrics'] },
  { packages: ['log-update'], onlyIn: ['src/cli'] },
  { packages: ['d3-scale', 'd3-shape'], onlyIn: ['src/report/page'] },
  { packages: ['node:fs', 'fs'], notIn: ['src/tables', 'src/pacing'] },
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
