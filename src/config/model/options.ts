import type { Option } from './option.ts';

/**
 * Every option of `run`, in the order of help. The name is the flag (`--rate-margin`), the key of the job file
 * (`rate-margin`) and, in upper snake case, the variable (`CHAT_EXPORT_RATE_MARGIN`).
 */
export const options = {
  users: {
    kind: 'path',
    group: 'User list',
    description:
      'The users to export: a file (one ID a line, .csv or .jsonl; also .gz), or - for standard input.',
    placeholder: 'FILE|-',
  },
  'users-sql': {
    kind: 'text',
    group: 'User list',
    description: 'The users to export, as a query: one column of IDs, or the one that --user-column names.',
    placeholder: 'QUERY',
  },
  'users-db': {
    kind: 'text',
    form: '^\\s*(embedded|postgres|postgresql):',
    group: 'User list',
    description: 'The database that --users-sql asks: postgres://… or embedded:DIR; else the destination.',
    placeholder: 'DATABASE',
  },
  'user-column': {
    kind: 'text',
    group: 'User list',
    description:
      "The column of a CSV or a query, or the field of JSON lines, with the IDs (a column's case does not matter); else user_id, or a query's only one.",
    placeholder: 'NAME',
  },
  'max-bad-lines': {
    kind: 'whole',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    unit: 'lines',
    group: 'User list',
    description: 'Bad lines that are left out, and listed; one more, and the list is refused.',
    placeholder: 'N',
    default: '0',
  },
  'temp-dir': {
    kind: 'path',
    group: 'User list',
    description: "Where what has no room in memory is kept; else the system's directory.",
    placeholder: 'DIR',
  },
  limit: {
    kind: 'whole',
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    unit: 'users',
    group: 'User list',
    description: 'Export only the first N users of the list.',
    placeholder: 'N',
  },
  'retry-failed': {
    kind: 'text',
    file: false,
    group: 'User list',
    description: 'Instead of a list, the users who failed in this run: its number, or last (databases).',
    placeholder: 'RUN|last',
  },
  code: {
    kind: 'text',
    file: false,
    many: true,
    group: 'User list',
    description: 'With --retry-failed, only those who failed with this code; may be repeated.',
    placeholder: 'CODE',
  },
  to: {
    kind: 'text',
    form: '^\\s*(csv|parquet|embedded|postgres|postgresql):',
    group: 'Destination',
    description: 'Where rows go: csv:DIR, parquet:DIR, postgres://… or embedded:DIR.',
    placeholder: 'DESTINATION',
  },
  compress: {
    kind: 'choice',
    choices: ['none', 'gzip'],
    group: 'Destination',
    description: 'How CSV files are compressed: gzip makes conversations.csv.gz and so on.',
    placeholder: 'HOW',
    default: 'none',
  },
  schema: {
    kind: 'text',
    form: '^(?!pg_)(?=.*\\S).{1,63}$',
    group: 'Destination',
    description: 'The database schema that holds all tables.',
    placeholder: 'NAME',
    default: 'chat_export',
  },
  'no-migrate': {
    kind: 'boolean',
    group: 'Destination',
    description: 'Leave the database schema as it is; the run refuses a schema that is not up to date.',
    default: 'false',
  },
  'keep-runs': {
    kind: 'whole',
    min: 1,
    max: 1_000_000,
    unit: 'runs',
    group: 'Destination',
    description: 'Runs of a job whose records a database keeps; older ones go when a run has finished.',
    placeholder: 'N',
    default: '90',
  },
  region: {
    kind: 'choice',
    choices: ['china', 'singapore', 'seoul', 'tokyo', 'frankfurt', 'silicon-valley', 'jakarta'],
    group: 'App',
    description: 'The region of the app, which decides the API host.',
    placeholder: 'REGION',
  },
  endpoint: {
    kind: 'text',
    form: '^\\s*https?://',
    group: 'App',
    description: 'The API host instead of a region: https://, or http:// on this machine only.',
    placeholder: 'URL',
  },
  'sdk-app-id': {
    kind: 'whole',
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    group: 'App',
    description: 'The SDKAppID of the app, as the console shows it.',
    placeholder: 'NUMBER',
  },
  identifier: {
    kind: 'text',
    form: '^(?=.*\\S).{1,32}$',
    group: 'App',
    description: 'An admin account of the app, at most 32 bytes.',
    placeholder: 'ACCOUNT',
    default: 'administrator',
  },
  'secret-key-file': {
    kind: 'path',
    group: 'App',
    description:
      'A file that holds the secret key of the app; CHAT_EXPORT_SECRET_KEY may hold the key itself.',
    placeholder: 'FILE',
  },
  'usersig-file': {
    kind: 'path',
    group: 'App',
    description: 'A file that holds a ready UserSig; CHAT_EXPORT_USERSIG may hold the UserSig itself.',
    placeholder: 'FILE',
  },
  'ca-file': {
    kind: 'path',
    group: 'Network',
    description: "PEM certificates to trust besides those that Node.js trusts, such as a company proxy's.",
    placeholder: 'FILE',
  },
  rate: {
    kind: 'number',
    // Below this, one call takes longer than a quarter of an hour: nobody means that.
    min: 0.001,
    max: 10_000,
    unit: 'calls a second',
    group: 'Pulling',
    description: 'The quota, never passed; retries count.',
    placeholder: 'N',
    default: '200',
  },
  'rate-margin': {
    kind: 'number',
    min: 0,
    max: 1_000,
    unit: 'milliseconds',
    group: 'Pulling',
    description: 'Room for calls that bunch on their way to the API.',
    placeholder: 'MS',
    default: '8',
  },
  concurrency: {
    kind: 'whole',
    min: 1,
    max: 10_000,
    unit: 'calls',
    group: 'Pulling',
    description: 'Calls under way at the same time, at most.',
    placeholder: 'N',
    default: '64',
  },
  timeout: {
    kind: 'duration',
    above: '3s',
    max: '10m',
    because: 'the server itself takes up to 3 s before it answers that it timed out',
    group: 'Pulling',
    description: 'How long one call may take, over 3 s.',
    placeholder: 'DURATION',
    default: '10s',
  },
  'max-attempts': {
    kind: 'whole',
    min: 1,
    max: 100,
    unit: 'attempts',
    group: 'Pulling',
    description: 'Attempts at one call before its user counts as failed.',
    placeholder: 'N',
    default: '8',
  },
  'max-outage': {
    kind: 'duration',
    min: '0s',
    max: '7d',
    group: 'Pulling',
    description: 'How long to wait for an API or a destination that is away.',
    placeholder: 'DURATION',
    default: '30m',
  },
  'max-pages': {
    kind: 'whole',
    min: 1,
    max: 1_000_000,
    unit: 'pages',
    group: 'Pulling',
    description: 'Pages of one user before the user is called endless and counts as failed.',
    placeholder: 'N',
    default: '1000',
  },
  'unknown-items': {
    kind: 'choice',
    choices: ['refuse', 'skip'],
    group: 'Rows',
    description: 'What an item of unknown type does: fail its user, or be left out and counted.',
    placeholder: 'WHAT',
    default: 'refuse',
  },
  'not-in-app': {
    kind: 'choice',
    choices: ['keep', 'remove'],
    group: 'Rows',
    description: 'What becomes of the earlier rows of users who are no longer in the app.',
    placeholder: 'WHAT',
    default: 'keep',
  },
  prune: {
    kind: 'boolean',
    group: 'Rows',
    description: 'When all of the list is done with, remove the rows of users who are not in it (databases).',
    default: 'false',
  },
  history: {
    kind: 'boolean',
    group: 'Rows',
    description: 'Keep every version of the rows; once begun for an app, it goes on (databases).',
    default: 'false',
  },
  pseudonymize: {
    kind: 'path',
    group: 'Rows',
    description:
      'Write keyed hashes in the place of user and peer IDs; this file holds the key, 32 bytes or more.',
    placeholder: 'KEYFILE',
  },
  'drop-free-text': {
    kind: 'boolean',
    group: 'Rows',
    description: 'Leave out what people write: names of contact groups, custom marks and unknown fields.',
    default: 'false',
  },
  'max-failed-users': {
    kind: 'share-or-number',
    unit: 'users, or % of the list',
    group: 'Guards',
    description: 'Failed users that a run bears, as a number or a share of the list; one more stops it.',
    placeholder: 'N|N%',
  },
  'max-emptied-users': {
    kind: 'share',
    unit: '% of users with rows',
    group: 'Guards',
    description: 'Of 5,000 users in a row: the share of those with rows that may be left with none.',
    placeholder: 'N%',
    default: '1%',
  },
  'max-lost-rows': {
    kind: 'share',
    unit: '% of rows',
    group: 'Guards',
    description: 'Of 5,000 users in a row: the share of their rows that they may have fewer than before.',
    placeholder: 'N%',
    default: '5%',
  },
  'allow-mass-deletion': {
    kind: 'boolean',
    file: false,
    group: 'Guards',
    description:
      'Let pass what --max-emptied-users and --max-lost-rows would stop, and a list of which nobody is in the app.',
    default: 'false',
  },
  name: {
    kind: 'text',
    form: '^(?=.*\\S).{1,100}$',
    group: 'Run',
    description:
      "The name of the job, by which runs are resumed and listed; else the job file's name, else default.",
    placeholder: 'NAME',
  },
  'chunk-size': {
    kind: 'whole',
    min: 1,
    max: 10_000,
    unit: 'users',
    group: 'Run',
    description: 'Users in one chunk, the unit of commit and of resume.',
    placeholder: 'N',
    default: '200',
  },
  'resume-within': {
    kind: 'duration',
    min: '0s',
    max: '365d',
    group: 'Run',
    description: 'How old an unfinished run may be for the next attempt to resume it.',
    placeholder: 'DURATION',
    default: '20h',
  },
  'max-duration': {
    kind: 'duration',
    min: '1s',
    max: '365d',
    group: 'Run',
    description: 'How long this attempt may work before it stops cleanly; the next one goes on.',
    placeholder: 'DURATION',
  },
  fresh: {
    kind: 'boolean',
    file: false,
    group: 'Run',
    description:
      'Begin a new run even if an unfinished one could be resumed, or if it replaces the files of another job.',
    default: 'false',
  },
  resume: {
    kind: 'whole',
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    file: false,
    group: 'Run',
    description: 'Go on with this run, given by its number.',
    placeholder: 'RUN',
  },
  report: {
    kind: 'path',
    form: '\\.html$',
    group: 'Watching',
    description:
      'A page that tells of the run when it has ended, for a browser, without a network. Ends in .html.',
    placeholder: 'FILE.html',
  },
  'metrics-file': {
    kind: 'path',
    form: '\\.prom$',
    group: 'Watching',
    description:
      "A file for node_exporter's textfile collector: what the run does and how it ended. Ends in .prom.",
    placeholder: 'FILE.prom',
  },
  ping: {
    kind: 'text',
    form: '^\\s*https?://',
    group: 'Watching',
    description:
      "A URL that is called when the run ends well; URL/start and URL/fail tell of a run's begin and failure.",
    placeholder: 'URL',
  },
  json: {
    kind: 'boolean',
    file: false,
    group: 'Output',
    description: 'Print the result as one JSON object instead of a table.',
    default: 'false',
  },
  quiet: {
    kind: 'boolean',
    file: false,
    group: 'Output',
    description: 'Show no progress, only warnings and errors.',
    default: 'false',
  },
  'log-level': {
    kind: 'choice',
    choices: ['trace', 'debug', 'info', 'warn', 'error'],
    group: 'Output',
    description: 'The least serious messages to log on standard error.',
    placeholder: 'LEVEL',
    default: 'info',
  },
  'log-format': {
    kind: 'choice',
    choices: ['text', 'json'],
    group: 'Output',
    description: 'Log lines for a person, or one JSON object a line.',
    placeholder: 'FORMAT',
    default: 'text',
  },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof options;

/** An option as help and the README's table need it. */
export type ListedOption = Option & { readonly name: OptionName; readonly variable: string };

/** `rate-margin` to `CHAT_EXPORT_RATE_MARGIN`. */
export function variableOf(name: OptionName): string {
  return `CHAT_EXPORT_${name.replaceAll('-', '_').toUpperCase()}`;
}

export const optionNames = Object.keys(options) as readonly OptionName[];

/** All options in the order of help, each with its name and its variable. */
export const optionList: readonly ListedOption[] = optionNames.map((name) => ({
  ...options[name],
  name,
  variable: variableOf(name),
}));

export function isOptionName(text: string): text is OptionName {
  return Object.hasOwn(options, text);
}

/** Variables that hold a secret itself; they have no flag and no key on purpose. */
export const secretVariables = {
  secretKey: 'CHAT_EXPORT_SECRET_KEY',
  userSig: 'CHAT_EXPORT_USERSIG',
} as const;
