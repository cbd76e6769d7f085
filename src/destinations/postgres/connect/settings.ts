/** How long one try waits for locks of others. */
export const LOCK_TIMEOUT_MS = 60_000;

/** The search path of this program's own statements, which name every table with its schema. */
export const OWN_SEARCH_PATH = 'pg_catalog, pg_temp';

const SETTINGS = [
  // Keep-alives of the server: it notices a peer that vanished, and releases its locks.
  'tcp_keepalives_idle = 10',
  'tcp_keepalives_interval = 5',
  'tcp_keepalives_count = 3',
  `lock_timeout = ${LOCK_TIMEOUT_MS}`,
  // Overrides the database's own time-outs: a plan is written for long, and the connection with the lock is idle for hours.
  'statement_timeout = 0',
  'idle_session_timeout = 0',
  'idle_in_transaction_session_timeout = 0',
  "client_encoding = 'UTF8'",
  "datestyle = 'ISO'",
];

/** Servers before PostgreSQL 17 do not know this setting. */
const noTransactionTimeout = (isLocal: boolean): string =>
  `select set_config(name, '0', ${isLocal}) from pg_catalog.pg_settings where name = 'transaction_timeout'`;

/** The settings of a session that no other program uses, as SQL. */
export const sessionSettings = (): string =>
  [
    ...SETTINGS.map((setting) => `set ${setting}`),
    `set search_path = ${OWN_SEARCH_PATH}`,
    "set default_transaction_isolation = 'read committed'",
    // A confirmed commit must survive a crash of the server. Stricter settings stay as they are.
    "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') in ('off', 'local')",
    noTransactionTimeout(false),
  ].join('; ');

/** The same for the current transaction only. The search path stays unchanged. */
export const transactionSettings = (): string =>
  [...SETTINGS.map((setting) => `set local ${setting}`), noTransactionTimeout(true)].join('; ');
