import type { Column } from '../../../rows/table.ts';
import { allTables, rowTables } from '../../../rows/tables.ts';

/** Descriptions of a table or view and of its columns, in order: sentences without a final period. */
export type RelationDocs = {
  readonly name: string;
  readonly kind: 'table' | 'view';
  readonly description: string;
  readonly columns: Readonly<Record<string, string>>;
};

const LAST_CHANGED_RUN = 'The run that last changed this row (runs.run_id)';

const user = {
  user_id: 'The user',
  sdk_app_id: 'The app (SDKAppID)',
};

/** The columns that only a database has, in addition to those of every destination. */
const added: Readonly<Record<(typeof allTables)[number]['name'], Readonly<Record<string, string>>>> = {
  conversations: { last_changed_run: LAST_CHANGED_RUN },
  contact_groups: { last_changed_run: LAST_CHANGED_RUN },
  memberships: { last_changed_run: 'The run that added this row (runs.run_id)' },
  exported_users: {
    last_changed_run: "The run that last changed any of the user's rows (runs.run_id)",
    changed_at: 'When that run committed the change',
    content_hash:
      "A digest of the user's rows and of their format, to detect an unchanged user; null after chat-export erase removed some of the rows, until the next run",
  },
  unexported_users: {
    run_id: 'The run that did not export the user (runs.run_id)',
    stale_since: 'Since when the user has failed, if that is before the oldest run whose record is kept',
    recovered_in_run: 'The retry run (--retry-failed) that exported the user later; null until then',
  },
};

const ofTable = ({ name, description, columns }: (typeof allTables)[number]): RelationDocs => ({
  name,
  kind: 'table',
  description,
  columns: {
    ...Object.fromEntries(columns.map((column: Column) => [column.name, column.description])),
    ...added[name],
  },
});

/** Every version of a table's rows: the same columns, and the columns of the version. */
const historyDocs = ({ name, description, columns }: (typeof rowTables)[number]): RelationDocs => ({
  name: `${name}_history`,
  kind: 'table',
  description: `One version of a row of ${name}, kept with --history. ${description}`,
  columns: {
    ...Object.fromEntries(columns.map((column: Column) => [column.name, column.description])),
    valid_from: "The start of the version: when the last page of the user's pull arrived",
    valid_to: 'The end of the version; null for the current version',
    valid_from_run: 'The run that found this version (runs.run_id)',
    valid_to_run:
      'The run that found the next version, or no row (runs.run_id); null for the current version',
  },
});

const own: readonly RelationDocs[] = [
  {
    name: 'runs',
    kind: 'table',
    description:
      'One run: an export of one user list. The newest --keep-runs finished runs of a job are kept',
    columns: {
      run_id: 'The number of the run; a later run has a higher number',
      job: 'The name of the job',
      sdk_app_id: 'The app (SDKAppID)',
      endpoint: 'The address of the API',
      row_format: 'The version of the row format',
      status: 'running (also when interrupted), finished, or abandoned (a new run was started instead)',
      attempts: 'The number of attempts: how often the program was started for the run',
      started_at: 'When the first attempt started',
      last_attempt_at: 'When the last attempt started',
      finished_at: 'When all users of the plan were processed; null until then',
      stop_reason:
        'Why the last attempt ended before the run was finished: a signal, max_duration, abort, guard, or error; null when it finished, is running, or was killed',
      error:
        'The message of the error that ended the last attempt; null unless stop_reason is error or guard',
      users: 'The number of users of the plan, each counted once',
      duplicates: 'The number of lines that repeat a user',
      list_digest: 'A digest of the list, to detect a changed list',
      chunk_size: 'The maximum number of users in a chunk',
      second_pass_planned: 'Whether the deferred users have been put into chunks of the second pass',
      counts:
        'The result as JSON: users exported and not exported, rows added, changed and removed, calls, errors by code',
      lines:
        'The number of lines of the list: the sum of users, users_beyond_limit, users_suppressed, duplicates, bad_lines and blank_lines',
      users_beyond_limit: 'The number of users of the list beyond --limit',
      bad_lines: 'The number of lines without a valid user ID',
      blank_lines: 'The number of empty lines',
      retry_of_run:
        'The run whose failed users this run retried (--retry-failed); null for a run of a whole list',
      key_fingerprint:
        'Identifies the key of --pseudonymize without revealing it; null when IDs are not pseudonymized',
      users_suppressed:
        'The number of users of the list whom the run left out because they were erased (chat-export erase)',
      free_text_dropped: 'Whether the run left out free text (--drop-free-text)',
      is_shared: 'Whether several processes may pull the run (--share)',
      api_reached: 'Whether the API has accepted a call of the last attempt; only of a shared run',
      deadline:
        'When --max-duration ends the last attempt; null without it, and for a run that is not shared',
      exit_code:
        'The exit code with which one process ended the last attempt for all of them; null otherwise',
      halted_at: 'When that was',
    },
  },
  {
    name: 'run_chunks',
    kind: 'table',
    description: "One chunk of a run's plan. With committed_at, this table is the ledger of processed chunks",
    columns: {
      run_id: 'The run (runs.run_id)',
      chunk: 'The number of the chunk, from 1',
      pass: '1, or 2 for users who were deferred to the second pass',
      user_count: 'The number of users of the chunk',
      user_ids:
        'The user IDs; with --pseudonymize each is a keyed hash, a dot and the encrypted ID; an element is null when its user was erased; null once the run has ended',
      deferred: 'The users who were deferred to the second pass; null once the run has ended',
      counts: 'The result as JSON',
      changes:
        'How many users had rows of earlier runs, and how many users and rows are lost, as JSON; null without earlier rows, and once the run has ended',
      committed_at: 'When the rows of the chunk were committed, in the same transaction; null until then',
      attempt: 'The attempt that committed the chunk',
      worker: 'The process of the attempt that committed the chunk (run_attempts.worker)',
    },
  },
  {
    name: 'run_attempts',
    kind: 'table',
    description: 'One process that worked on an attempt of a run. Without --share, an attempt is one process',
    columns: {
      run_id: 'The run (runs.run_id)',
      attempt: 'The number of the attempt, from 1',
      worker: 'The number of the process in the attempt, from 1',
      host: 'The host and the process number; null without --share',
      started_at: 'When the process began to work on the run',
      last_seen_at: 'When the process was last seen at work; only with --share',
      left_at: 'When the process left the attempt; null until then, and if it was killed; only with --share',
      report:
        'What the other processes need to know, as JSON: chunks that do not wait for a guard, the changes of chunks that wait, and when the API last answered; only with --share',
      open_chunks:
        'The number of chunks that the process had claimed when it was last seen; only with --share',
      calls_sent: 'The number of calls that the process had made when it was last seen; only with --share',
      users_done: 'The number of users whom the process has committed; only with --share',
      counts: 'What the process has committed, as JSON; only with --share',
      timeline: 'Calls, errors, latencies and the bottleneck, in buckets of time, as JSON',
    },
  },
  {
    name: 'call_quota',
    kind: 'table',
    description:
      'The call quota of one app at one address of the API, which the processes of a shared run lease slots of. It is empty after a crash of the server',
    columns: {
      sdk_app_id: 'The app (SDKAppID)',
      endpoint: 'The address of the API',
      next_slot_at: 'The next slot that is free',
      margin_ms: 'The margin of all processes, in milliseconds: the widest that one of them needs',
      throttle_factor: 'The share of the rate right after the last cut or the start',
      throttled_at: 'When that was',
      throttle_recovery_ms: 'How long the whole rate takes to return, in milliseconds',
      is_rate_limited: 'Whether rate-limit errors caused the cut; false for the start',
      paused_until:
        'No process calls before this time: the API asked to wait, or answered with a rate-limit error; -infinity without a wait',
      leased_at: 'When slots were last leased',
      first_slot_at: 'The first slot of the last lease',
      slots: 'The number of slots of the last lease',
      slot_interval_ms: 'The time between two slots of the last lease, in milliseconds',
    },
  },
  {
    name: 'history_tracking',
    kind: 'table',
    description: 'One app for which every version of the rows is kept',
    columns: {
      sdk_app_id: 'The app (SDKAppID)',
      since_run: 'The first run for which the versions are known',
      since: 'When tracking began',
    },
  },
  {
    name: 'suppression_settings',
    kind: 'table',
    description: 'The salt and key of the digests of one app in suppressed_users',
    columns: {
      sdk_app_id: 'The app (SDKAppID)',
      salt: 'The key of the digests, in hexadecimal',
      key_fingerprint:
        'Identifies the key of the pseudonyms in the digests; null when the digests are of IDs',
      last_erased_at: 'When a user of the app was last erased; row counts of earlier runs cannot be verified',
    },
  },
  {
    name: 'suppressed_users',
    kind: 'table',
    description: 'One user whom chat-export erase removed. Later runs leave the user out',
    columns: {
      sdk_app_id: 'The app (SDKAppID)',
      digest: 'HMAC-SHA-256, under the salt, of the user_id that the rows had, in hexadecimal',
      as_peer: "Whether other users' conversations with the user are left out, too",
      suppressed_at: 'When the user was last erased',
    },
  },
  {
    name: 'schema_migrations',
    kind: 'table',
    description: 'One migration that was applied to this schema',
    columns: {
      id: 'The number of the migration',
      name: 'The file of the migration, without its extension',
      run_on: 'When the migration was applied, in the time zone of the session that applied it',
    },
  },
];

const views: readonly RelationDocs[] = [
  {
    name: 'stale_users',
    kind: 'view',
    description:
      'One user whom the last finished run of a job did not export. The rows of this user, if any, are older',
    columns: {
      ...user,
      job: 'The job',
      reason: 'The reason, as in unexported_users',
      error_code: "The API's code, as in unexported_users",
      error_info: 'What failed, as in unexported_users',
      run_id: 'The run that did not export the user',
      stale_since: 'When the first of the consecutive runs that did not export the user started',
      has_rows: 'Whether the user has rows of an earlier run',
    },
  },
  {
    name: 'user_counts',
    kind: 'view',
    description:
      'One exported user with counts of conversations by type and by mark, including users without conversations',
    columns: {
      ...user,
      conversations: 'The number of conversations',
      c2c_conversations: 'Conversations with a user',
      group_conversations: 'Conversations with a group',
      ungrouped_conversations: 'Conversations in no contact group',
      starred: 'Conversations marked as starred',
      marked_unread: 'Conversations marked as unread',
      folded: 'Conversations marked as folded',
      hidden: 'Conversations marked as hidden',
      contact_groups: 'The number of contact groups',
      memberships: 'The number of memberships',
      last_updated_at: 'The latest source_updated_at; null when no conversation has one',
    },
  },
  {
    name: 'contact_group_sizes',
    kind: 'view',
    description:
      'One contact group of a user with its size, including empty groups and groups that the API never named',
    columns: {
      ...user,
      contact_group_id: 'The contact group',
      contact_group_name: 'Its name; null when the API never named it',
      conversations: 'The number of conversations in the group',
    },
  },
  {
    name: 'named_memberships',
    kind: 'view',
    description: 'One membership with the name of its contact group and the marks of its conversation',
    columns: {
      ...user,
      contact_group_id: 'The contact group',
      contact_group_name: 'Its name; null when the API never named it',
      conversation_id: 'The conversation',
      conversation_type: 'c2c or group',
      peer_id: 'The other user, or the group',
      is_starred: 'Whether the conversation is starred; null when it has no marks',
      is_marked_unread: 'Whether it is marked as unread; null when it has no marks',
      is_folded: 'Whether it is folded; null when it has no marks',
      is_hidden: 'Whether it is hidden; null when it has no marks',
      source_updated_at: 'When the conversation was last changed, according to the API',
    },
  },
  {
    name: 'ungrouped_conversations',
    kind: 'view',
    description: 'One conversation that is in no contact group',
    columns: {
      ...user,
      conversation_id: 'The conversation',
      conversation_type: 'c2c or group',
      peer_id: 'The other user, or the group',
      source_updated_at: 'When the conversation was last changed, according to the API',
    },
  },
  {
    name: 'conversation_marks',
    kind: 'view',
    description: 'One mark that is set on a conversation: one bit of standard_mark with the value 1',
    columns: {
      ...user,
      conversation_id: 'The conversation',
      bit: 'The number of the bit, from 0 for the last character of standard_mark',
      mark: 'starred, marked_unread, folded or hidden for bits 0 to 3; reserved for bits 4 to 31; custom from bit 32 on',
    },
  },
];

/** All tables and views of a schema, in the order of the data dictionary. */
export const schemaDocs: readonly RelationDocs[] = [
  ...allTables.map(ofTable),
  ...rowTables.map(historyDocs),
  ...views,
  ...own,
];
