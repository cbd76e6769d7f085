import {
  databasePattern,
  destinationForms,
  destinationPattern,
  queryableForms,
} from '../../destinations/open/parse-destination.ts';
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
      'Read the users from a file (one ID a line, .csv or .jsonl; also .gz), or from standard input with -.',
    placeholder: 'FILE|-',
  },
  'users-sql': {
    kind: 'text',
    group: 'User list',
    description: 'Read the users from a query: one column of IDs, or the column that --user-column names.',
    placeholder: 'QUERY',
  },
  'users-db': {
    kind: 'text',
    form: databasePattern,
    group: 'User list',
    description: `Run --users-sql in this database (${queryableForms}). Without it, the query runs in the destination.`,
    placeholder: 'DATABASE',
  },
  'user-column': {
    kind: 'text',
    group: 'User list',
    description:
      "Read IDs from this column (in any case) or JSON field. Without it: user_id, or a query's only column.",
    placeholder: 'NAME',
  },
  'max-bad-lines': {
    kind: 'whole',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    unit: 'lines',
    group: 'User list',
    description: 'Skip and list up to N invalid lines; reject the list if there are more.',
    placeholder: 'N',
    default: '0',
  },
  'temp-dir': {
    kind: 'path',
    group: 'User list',
    description: "Write temporary data that does not fit in memory here. Without it: the system's directory.",
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
    description:
      "Pull only the users who failed in this run, instead of a list (databases). Give the run's number, or last.",
    placeholder: 'RUN|last',
  },
  code: {
    kind: 'text',
    file: false,
    many: true,
    group: 'User list',
    description: 'With --retry-failed, pull only users who failed with this code. Repeat it for more codes.',
    placeholder: 'CODE',
  },
  to: {
    kind: 'text',
    form: destinationPattern,
    group: 'Destination',
    description: `Write rows to ${destinationForms}.`,
    placeholder: 'DESTINATION',
  },
  compress: {
    kind: 'choice',
    choices: ['none', 'gzip'],
    group: 'Destination',
    description: 'Compress CSV files. With gzip, files are conversations.csv.gz and so on.',
    placeholder: 'HOW',
    default: 'none',
  },
  schema: {
    kind: 'text',
    form: '^(?!pg_)(?=.*\\S).{1,63}$',
    group: 'Destination',
    description: 'Keep all tables in this database schema.',
    placeholder: 'NAME',
    default: 'chat_export',
  },
  'no-migrate': {
    kind: 'boolean',
    group: 'Destination',
    description: 'Do not migrate the database schema; fail if it is not up to date.',
    default: 'false',
  },
  'keep-runs': {
    kind: 'whole',
    min: 1,
    max: 1_000_000,
    unit: 'runs',
    group: 'Destination',
    description:
      "Keep the records of a job's last N runs in a database; delete older ones when a run finishes.",
    placeholder: 'N',
    default: '90',
  },
  region: {
    kind: 'choice',
    choices: ['china', 'singapore', 'seoul', 'tokyo', 'frankfurt', 'silicon-valley', 'jakarta'],
    group: 'App',
    description: 'Call the API host of this region, the region of the app.',
    placeholder: 'REGION',
  },
  endpoint: {
    kind: 'text',
    form: '^\\s*https?://',
    group: 'App',
    description: "Call this API host instead of a region's: https://, or http:// on this machine only.",
    placeholder: 'URL',
  },
  'sdk-app-id': {
    kind: 'whole',
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    group: 'App',
    description: 'Export the app with this SDKAppID, as the console shows it.',
    placeholder: 'NUMBER',
  },
  identifier: {
    kind: 'text',
    form: '^(?=.*\\S).{1,32}$',
    group: 'App',
    description: 'Sign calls as this admin account of the app, at most 32 bytes.',
    placeholder: 'ACCOUNT',
    default: 'administrator',
  },
  'secret-key-file': {
    kind: 'path',
    group: 'App',
    description:
      'Read the secret key of the app from this file. CHAT_EXPORT_SECRET_KEY may hold the key itself.',
    placeholder: 'FILE',
  },
  'usersig-file': {
    kind: 'path',
    group: 'App',
    description: 'Read a ready UserSig from this file. CHAT_EXPORT_USERSIG may hold the UserSig itself.',
    placeholder: 'FILE',
  },
  'ca-file': {
    kind: 'path',
    group: 'Network',
    description: "Trust these PEM certificates too, such as a company proxy's.",
    placeholder: 'FILE',
  },
  rate: {
    kind: 'number',
    // Below this, one call takes longer than a quarter of an hour, which is a typing error.
    min: 0.001,
    max: 10_000,
    unit: 'calls a second',
    group: 'API calls',
    description: 'Make at most N calls a second, retries included: the quota.',
    placeholder: 'N',
    default: '200',
  },
  'rate-margin': {
    kind: 'number',
    min: 0,
    max: 1_000,
    unit: 'milliseconds',
    group: 'API calls',
    word: 'auto',
    description:
      'Keep this much room for jitter on the way to the API. With auto, rate-limit errors widen it to 4 to 100 ms.',
    placeholder: 'MS|auto',
    default: 'auto',
  },
  concurrency: {
    kind: 'whole',
    min: 1,
    max: 10_000,
    unit: 'calls',
    group: 'API calls',
    description: 'Make at most N calls at the same time.',
    placeholder: 'N',
    default: '64',
  },
  timeout: {
    kind: 'duration',
    above: '3s',
    max: '10m',
    because: 'the server itself takes up to 3 s before it answers that it timed out',
    group: 'API calls',
    description: 'Abort a call after this time, which must be over 3 s.',
    placeholder: 'DURATION',
    default: '10s',
  },
  'max-attempts': {
    kind: 'whole',
    min: 1,
    max: 100,
    unit: 'attempts',
    group: 'API calls',
    description: 'Try a call at most N times before its user fails.',
    placeholder: 'N',
    default: '8',
  },
  'max-outage': {
    kind: 'duration',
    min: '0s',
    max: '7d',
    group: 'API calls',
    description: 'Wait this long for an unavailable API or destination before the run stops.',
    placeholder: 'DURATION',
    default: '30m',
  },
  'max-pages': {
    kind: 'whole',
    min: 1,
    max: 1_000_000,
    unit: 'pages',
    group: 'API calls',
    description: 'Fail a user who has more than N pages.',
    placeholder: 'N',
    default: '1000',
  },
  'unknown-items': {
    kind: 'choice',
    choices: ['fail', 'skip'],
    group: 'Rows',
    description: 'Fail the user of an item of unknown type, or skip and count the item.',
    placeholder: 'WHAT',
    default: 'fail',
  },
  'not-in-app': {
    kind: 'choice',
    choices: ['keep', 'remove'],
    group: 'Rows',
    description: 'Keep or remove the earlier rows of users who are no longer in the app.',
    placeholder: 'WHAT',
    default: 'keep',
  },
  prune: {
    kind: 'boolean',
    group: 'Rows',
    description:
      'Remove the rows of users who are not in the list, after the whole list is processed (databases).',
    default: 'false',
  },
  history: {
    kind: 'boolean',
    group: 'Rows',
    description:
      'Keep every version of the rows (databases). Once started for an app, later runs continue it.',
    default: 'false',
  },
  pseudonymize: {
    kind: 'path',
    group: 'Rows',
    description:
      'Write keyed hashes instead of user and peer IDs. This file holds the key, 32 bytes or more.',
    placeholder: 'KEYFILE',
  },
  'drop-free-text': {
    kind: 'boolean',
    group: 'Rows',
    description: 'Drop what people write: names of contact groups, custom marks and unknown fields.',
    default: 'false',
  },
  'max-failed-users': {
    kind: 'share-or-number',
    unit: 'users, or % of the list',
    group: 'Guards',
    description: 'Stop when more than N users (or N% of the list) have failed.',
    placeholder: 'N|N%',
  },
  'max-emptied-users': {
    kind: 'share',
    unit: '% of users with rows',
    group: 'Guards',
    description: 'Stop if, within any 5,000 users, more than N% of those with rows would lose them all.',
    placeholder: 'N%',
    default: '1%',
  },
  'max-lost-rows': {
    kind: 'share',
    unit: '% of rows',
    group: 'Guards',
    description: 'Stop if, within any 5,000 users, the number of rows would fall by more than N%.',
    placeholder: 'N%',
    default: '5%',
  },
  'allow-mass-deletion': {
    kind: 'boolean',
    file: false,
    group: 'Guards',
    description:
      'Turn off --max-emptied-users and --max-lost-rows, and accept a list without any user in the app.',
    default: 'false',
  },
  name: {
    kind: 'text',
    form: '^(?=.*\\S).{1,100}$',
    group: 'Run',
    description:
      "Name the job; runs are resumed and listed by this name. Without it: the job file's name, or default.",
    placeholder: 'NAME',
  },
  'chunk-size': {
    kind: 'whole',
    min: 1,
    max: 10_000,
    unit: 'users',
    group: 'Run',
    description: 'Commit and resume in chunks of N users.',
    placeholder: 'N',
    default: '200',
  },
  'resume-within': {
    kind: 'duration',
    min: '0s',
    max: '365d',
    group: 'Run',
    description: 'Resume an unfinished run that is not older than this; start a new run otherwise.',
    placeholder: 'DURATION',
    default: '20h',
  },
  'max-duration': {
    kind: 'duration',
    min: '1s',
    max: '365d',
    group: 'Run',
    description: 'Stop this attempt cleanly after this time; the next attempt resumes the run.',
    placeholder: 'DURATION',
  },
  share: {
    kind: 'boolean',
    group: 'Run',
    description: 'Share the run with all processes that are started with the same job (PostgreSQL only).',
    default: 'false',
  },
  'wait-for-lock': {
    kind: 'duration',
    min: '1s',
    max: '7d',
    group: 'Run',
    description:
      'Wait this long for another run of the app in the destination, and take over if it dies. Without it: exit with 8.',
    placeholder: 'DURATION',
  },
  fresh: {
    kind: 'boolean',
    file: false,
    group: 'Run',
    description:
      'Start a new run even if an unfinished one could be resumed, or if it replaces the files of another job.',
    default: 'false',
  },
  resume: {
    kind: 'whole',
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    file: false,
    group: 'Run',
    description: 'Resume the run with this number.',
    placeholder: 'RUN',
  },
  report: {
    kind: 'path',
    form: '\\.html$',
    group: 'Monitoring',
    description: 'Write a self-contained HTML report when the run ends. Ends in .html.',
    placeholder: 'FILE.html',
  },
  'metrics-file': {
    kind: 'path',
    form: '\\.prom$',
    group: 'Monitoring',
    description: "Write metrics of the run for node_exporter's textfile collector. Ends in .prom.",
    placeholder: 'FILE.prom',
  },
  ping: {
    kind: 'text',
    form: '^\\s*https?://',
    group: 'Monitoring',
    description: 'Call this URL when the run succeeds, URL/start when it starts and URL/fail when it fails.',
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
    description: 'Log messages of this level and above on standard error.',
    placeholder: 'LEVEL',
    default: 'info',
  },
  'log-format': {
    kind: 'choice',
    choices: ['text', 'json'],
    group: 'Output',
    description: 'Write log lines as text, or as one JSON object a line.',
    placeholder: 'FORMAT',
    default: 'text',
  },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof options;

/** An option in the form for help and the README's table. */
export type ListedOption = Option & { readonly name: OptionName; readonly variable: string };

/** `rate-margin` to `CHAT_EXPORT_RATE_MARGIN`. */
export function variableName(name: OptionName): string {
  return `CHAT_EXPORT_${name.replaceAll('-', '_').toUpperCase()}`;
}

export const optionNames = Object.keys(options) as readonly OptionName[];

/** All options in the order of help, each with its name and its variable. */
export const optionList: readonly ListedOption[] = optionNames.map((name) => ({
  ...options[name],
  name,
  variable: variableName(name),
}));

export function isOptionName(text: string): text is OptionName {
  return Object.hasOwn(options, text);
}

/** Variables that hold a secret itself; they have no flag and no key on purpose. */
export const secretVariables = {
  secretKey: 'CHAT_EXPORT_SECRET_KEY',
  userSig: 'CHAT_EXPORT_USERSIG',
} as const;
