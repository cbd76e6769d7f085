import type { Column } from '../../../rows/table.ts';
import { allTables, rowTables } from '../../../rows/tables.ts';

/** What a table or a view holds, and each of its columns, in their order: sentences without an end. */
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

/** What the tables of a schema have beyond the columns that every destination has. */
const added: Readonly<Record<(typeof allTables)[number]['name'], Readonly<Record<string, string>>>> = {
  conversations: { last_changed_run: LAST_CHANGED_RUN },
  contact_groups: { last_changed_run: LAST_CHANGED_RUN },
  memberships: { last_changed_run: 'The run that added this row (runs.run_id)' },
  exported_users: {
    last_changed_run: "The run that last changed any of the user's rows (runs.run_id)",
    changed_at: 'When that run committed them',
    content_hash: "A digest of the user's rows and of what they mean, by which an unchanged user is told",
  },
  unexported_users: {
    run_id: 'The run that did not export the user (runs.run_id)',
    stale_since: 'Since when the user failed, if since a run that is no longer kept',
    recovered_in_run:
      'The run that exported the user afterwards, with --retry-failed; null as long as none did',
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

/** Every version of a table's rows; the same columns, and which versions they are. */
const historyOf = ({ name, description, columns }: (typeof rowTables)[number]): RelationDocs => ({
  name: `${name}_history`,
  kind: 'table',
  description: `A version of a row of ${name}, kept with --history. ${description}`,
  columns: {
    ...Object.fromEntries(columns.map((column: Column) => [column.name, column.description])),
    valid_from: "From when on it was so: when the last page of the user's pull arrived",
    valid_to: 'Until when it was so; null while it is so',
    valid_from_run: 'The run that found it so (runs.run_id)',
    valid_to_run: 'The run that found it otherwise (runs.run_id); null while it is so',
  },
});

const own: readonly RelationDocs[] = [
  {
    name: 'runs',
    kind: 'table',
    description:
      "One run: a pass over one user list; the newest --keep-runs of a job's finished ones are kept",
    columns: {
      run_id: 'Counts up; a later run has a higher one',
      job: "The job's name: runs of one job follow each other",
      sdk_app_id: 'The app (SDKAppID)',
      endpoint: 'The address of the API',
      row_format: 'The version of what the rows mean',
      status: 'running (also one that was interrupted), finished, or abandoned for a fresh one',
      attempts: 'How often the program was started for it',
      started_at: 'When its first attempt began',
      last_attempt_at: 'When its last attempt began',
      finished_at: 'When all of its plan was done; null until then',
      stop_reason:
        'Why the last attempt ended before the run was finished: a signal, max_duration, abort, or error; null when it finished, is running, or was killed',
      error: 'The message of the error that ended the last attempt; null unless stop_reason is error',
      users: 'Users of the plan, each counted once',
      duplicates: 'Lines of the list that repeat a user',
      list_digest: 'A digest of the list, by which another list is told',
      chunk_size: 'Users in a chunk, at most',
      second_pass_planned: 'Whether the users who were deferred have chunks of their own by now',
      counts:
        'What came of it, as JSON: users exported and not, rows added, changed and removed, calls, errors by code',
      lines:
        'Lines of the list; they are users, users_beyond_limit, users_suppressed, duplicates, bad_lines and blank_lines together',
      users_beyond_limit: 'Users of the list that --limit left out',
      bad_lines: 'Lines that are no user ID',
      blank_lines: 'Lines with nothing in them',
      retry_of_run:
        'The run whose failed users this one pulled again, with --retry-failed; null for a run of a whole list',
      key_fingerprint:
        'Tells the key of --pseudonymize from others, and does not tell what it is; null where IDs are as the API has them',
      users_suppressed: 'Users of the list whom it left out because they are erased (chat-export erase)',
      free_text_dropped: 'Whether it left out what people write (--drop-free-text)',
    },
  },
  {
    name: 'run_chunks',
    kind: 'table',
    description: "One chunk of a run's plan; with committed_at, the ledger of what is done",
    columns: {
      run_id: 'The run (runs.run_id)',
      chunk: "The chunk's number, from 1",
      pass: '1, or 2 for users who were deferred to the end',
      user_count: 'How many users it has',
      user_ids:
        'Who they are; with --pseudonymize each is a keyed hash, a dot and the encrypted ID; null once the run has ended',
      deferred: 'Who of them were deferred to the second pass; null once the run has ended',
      counts: 'What came of it, as JSON',
      committed_at: 'When its rows were committed, with this; null until then',
    },
  },
  {
    name: 'run_attempts',
    kind: 'table',
    description: 'What one attempt of a run saw over time',
    columns: {
      run_id: 'The run (runs.run_id)',
      attempt: 'The number of the attempt, from 1',
      timeline: 'Calls, errors, latencies and what was waited for, by buckets of time, as JSON',
    },
  },
  {
    name: 'history_tracking',
    kind: 'table',
    description: 'An app of which every version of the rows is kept',
    columns: {
      sdk_app_id: 'The app (SDKAppID)',
      since_run: 'The first run as of which the rows are known',
      since: 'When tracking began',
    },
  },
  {
    name: 'suppression_settings',
    kind: 'table',
    description: 'What the digests of an app in suppressed_users are made with',
    columns: {
      sdk_app_id: 'The app (SDKAppID)',
      salt: 'The key of the digests, in hexadecimal',
      key_fingerprint:
        'Tells the key of the pseudonyms that were digested from others; null where those were IDs',
      last_erased_at: 'When a user of the app was last erased; row counts of earlier runs cannot be verified',
    },
  },
  {
    name: 'suppressed_users',
    kind: 'table',
    description: 'One user whom chat-export erase removed, and whom later runs leave out',
    columns: {
      sdk_app_id: 'The app (SDKAppID)',
      digest: 'HMAC-SHA-256, under the salt, of the user_id that rows had, in hexadecimal',
      as_peer: "Whether other users' conversations with the user are left out, too",
      suppressed_at: 'When that was asked for, for the last time',
    },
  },
  {
    name: 'schema_migrations',
    kind: 'table',
    description: 'One migration that this schema has had',
    columns: {
      id: 'Counts up',
      name: "The migration's file, without its ending",
      run_on: 'When it was applied, in the time zone of the session that did',
    },
  },
];

const views: readonly RelationDocs[] = [
  {
    name: 'stale_users',
    kind: 'view',
    description:
      'One user whom the last finished run of a job did not export, and whose rows, if any, are older',
    columns: {
      ...user,
      job: 'The job',
      reason: 'Why, as in unexported_users',
      error_code: "The API's code, as in unexported_users",
      error_info: 'What failed, as in unexported_users',
      run_id: 'The run that did not export the user',
      stale_since: 'When the first of the runs in a row began that did not export the user',
      has_rows: 'Whether there are rows of an earlier run',
    },
  },
  {
    name: 'user_counts',
    kind: 'view',
    description:
      'One exported user with counts of conversations by kind and by mark; users without any are there with 0',
    columns: {
      ...user,
      conversations: 'All conversations',
      c2c_conversations: 'Those with a user',
      group_conversations: 'Those with a group',
      ungrouped_conversations: 'Those that are in no contact group',
      starred: 'Those that are starred',
      marked_unread: 'Those that are marked as unread',
      folded: 'Those that are folded',
      hidden: 'Those that are hidden',
      contact_groups: 'Contact groups',
      memberships: 'Memberships',
      last_updated_at: 'The latest source_updated_at; null where no conversation has one',
    },
  },
  {
    name: 'contact_group_sizes',
    kind: 'view',
    description:
      'One contact group of a user with its size, empty ones and those that the API never named too',
    columns: {
      ...user,
      contact_group_id: 'The contact group',
      contact_group_name: 'Its name; null when the API never named it',
      conversations: 'How many conversations are in it',
    },
  },
  {
    name: 'named_memberships',
    kind: 'view',
    description: 'One membership with the name of its contact group and what is known of its conversation',
    columns: {
      ...user,
      contact_group_id: 'The contact group',
      contact_group_name: 'Its name; null when the API never named it',
      conversation_id: 'The conversation',
      conversation_type: 'c2c or group',
      peer_id: 'The other user, or the group',
      is_starred: 'Whether the conversation is starred; null where it has no marks',
      is_marked_unread: 'Whether it is marked as unread; null where it has no marks',
      is_folded: 'Whether it is folded; null where it has no marks',
      is_hidden: 'Whether it is hidden; null where it has no marks',
      source_updated_at: 'When the conversation was last changed, as the API says',
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
      source_updated_at: 'When the conversation was last changed, as the API says',
    },
  },
  {
    name: 'conversation_marks',
    kind: 'view',
    description: 'One mark that is set on a conversation: a bit of its standard_mark that is 1',
    columns: {
      ...user,
      conversation_id: 'The conversation',
      bit: "The bit, from 0, counted from the mark's last character",
      mark: 'starred, marked_unread, folded or hidden for bits 0 to 3; reserved up to bit 31; custom from bit 32 on',
    },
  },
];

/** Everything that a schema of this program holds, in the order in which a dictionary lists it. */
export const schemaMeanings: readonly RelationDocs[] = [
  ...allTables.map(ofTable),
  ...rowTables.map(historyOf),
  ...views,
  ...own,
];
