import type { Moment, RunFigures } from './moment.ts';
import { outcomes } from './outcomes.ts';

/** A value, and its labels beside those of the job. */
type Sample = readonly [value: number, labels?: Readonly<Record<string, string>>];

/** One metric as data. Units are seconds and bytes; shares are 0 to 1. Without samples, the metric is left out. */
export type Metric = {
  readonly name: `chat_export_${string}`;
  readonly help: string;
  readonly samples: (moment: Moment) => readonly Sample[];
};

const always = (
  name: Metric['name'],
  help: string,
  value: (moment: Moment) => number | boolean | null,
): Metric => ({
  name,
  help,
  samples: (moment) => {
    const found = value(moment);
    return found === null ? [] : [[Number(found)]];
  },
});

const ofRun = (
  name: Metric['name'],
  help: string,
  samples: (run: RunFigures, moment: Moment) => number | readonly Sample[],
): Metric => ({
  name,
  help,
  samples: (moment) => {
    if (moment.run === null) return [];
    const found = samples(moment.run, moment);
    return typeof found === 'number' ? [[found]] : found;
  },
});

const by = (label: string, values: Readonly<Record<string, number>>): Sample[] =>
  Object.entries(values).map(([value, count]) => [count, { [label]: value }]);

const seconds = (instant: string): number => Date.parse(instant) / 1000;

/**
 * Every metric. All are gauges: they describe one run, and start over with the next. None has the label `job`, which is
 * Prometheus' own, nor a timestamp, for which node_exporter refuses the whole file.
 */
export const metrics: readonly Metric[] = [
  always(
    'chat_export_run_in_progress',
    'Whether an attempt of the job was at work when this was written. 1 with an old timestamp: the attempt hangs or was killed.',
    ({ isInProgress }) => isInProgress,
  ),
  always(
    'chat_export_updated_timestamp_seconds',
    'When this was written, as Unix time; every 30 seconds while at work.',
    ({ at }) => at,
  ),
  always(
    'chat_export_last_success_timestamp_seconds',
    'When a run of the job last finished, with or without failed users, as Unix time.',
    ({ past }) => past.successAt,
  ),
  always(
    'chat_export_last_end_timestamp_seconds',
    'When an attempt of the job last ended, as Unix time.',
    ({ past }) => past.endedAt,
  ),
  always(
    'chat_export_last_exit_code',
    'The exit code of the last ended attempt.',
    ({ past }) => past.exitCode,
  ),
  {
    name: 'chat_export_last_outcome',
    help: 'The outcome of the last ended attempt: 1 for the outcome that it had, else 0.',
    samples: ({ past: { exitCode } }) =>
      exitCode === null
        ? []
        : [...new Set(outcomes.values())].map((outcome) => [
            Number(outcome === outcomes.get(exitCode)),
            { outcome },
          ]),
  },
  always(
    'chat_export_attempt_start_timestamp_seconds',
    'When the latest attempt of the job started, as Unix time.',
    ({ startedAt }) => startedAt,
  ),
  always(
    'chat_export_attempt_duration_seconds',
    'How long the latest attempt has run, or ran.',
    ({ startSeconds }) => startSeconds,
  ),
  always(
    'chat_export_process_resident_memory_bytes',
    'The resident memory of the program when this was written.',
    ({ residentBytes }) => residentBytes,
  ),
  {
    name: 'chat_export_unavailable',
    help: 'Whether the run waits for the API or the destination to recover.',
    samples: ({ away }) => by('what', { api: Number(away.api), destination: Number(away.destination) }),
  },
  always('chat_export_quota_calls_per_second', 'The quota that the job may use (rate).', ({ rate }) => rate),

  ofRun(
    'chat_export_run_number',
    'The number of the run, as chat-export runs lists it.',
    ({ record }) => record.runId,
  ),
  ofRun(
    'chat_export_run_workers',
    'Processes at work on a shared run (--share), as this one sees it.',
    ({ workers }) => (workers === null ? [] : [[workers]]),
  ),
  ofRun('chat_export_run_attempts', 'Attempts of the run.', ({ record }) => record.attempts),
  ofRun('chat_export_run_start_timestamp_seconds', 'When the run started, as Unix time.', ({ record }) =>
    seconds(record.startedAt),
  ),
  ofRun(
    'chat_export_run_duration_seconds',
    'From the start of the run to its end, or to when this was written.',
    ({ record }, { at }) =>
      Math.max(0, (record.finishedAt === null ? at : seconds(record.finishedAt)) - seconds(record.startedAt)),
  ),
  ofRun('chat_export_run_list_lines', 'Lines of the user list, by outcome.', ({ record: { list } }) =>
    by('kind', {
      user: list.users,
      beyond_limit: list.beyondLimit,
      duplicate: list.duplicates,
      bad: list.bad,
      blank: list.blank,
    }),
  ),
  ofRun('chat_export_run_users_planned', 'Users of the plan of the run.', ({ record }) => record.list.users),
  ofRun(
    'chat_export_run_users',
    'Users of the plan, by outcome; open users are still to do.',
    ({ record: { counts, list } }) => {
      const { exported, notInApp, failed } = counts;
      const open = Math.max(0, list.users - exported - notInApp - failed);
      return by('outcome', { exported, not_in_app: notInApp, failed, open });
    },
  ),
  ofRun(
    'chat_export_run_users_unchanged',
    'Exported users whose rows were the same as before.',
    ({ record }) => record.counts.unchanged,
  ),
  ofRun(
    'chat_export_run_users_failed',
    "Failed users by the API's code or, where there is none, by reason.",
    ({ record }) => by('cause', record.counts.failures),
  ),
  ofRun(
    'chat_export_run_users_removed',
    'Users whose rows were removed: emptied in the app, or pruned.',
    ({ record }) => by('why', { emptied: record.counts.emptied, pruned: record.counts.pruned }),
  ),
  ofRun(
    'chat_export_run_users_waiting',
    'Users who wait before they are tried again.',
    ({ waiting }) => waiting,
  ),
  ofRun('chat_export_run_rows', 'Rows of the exported users, by table.', ({ record: { counts } }) =>
    by('table', {
      conversations: counts.conversations,
      contact_groups: counts.contactGroups,
      memberships: counts.memberships,
    }),
  ),
  ofRun(
    'chat_export_run_rows_changed',
    'Rows written and removed, by table; in files, rows written.',
    ({ record }) =>
      by('table', {
        conversations: 0,
        contact_groups: 0,
        memberships: 0,
        exported_users: 0,
        ...record.counts.changes,
      }),
  ),
  ofRun(
    'chat_export_run_rows_written',
    'Rows of conversations, contact groups and memberships that were inserted or updated.',
    ({ record }) => record.counts.rowsWritten,
  ),
  ofRun(
    'chat_export_run_rows_removed',
    'Rows of conversations, contact groups and memberships that were removed.',
    ({ record }) => record.counts.rowsRemoved,
  ),
  ofRun(
    'chat_export_run_calls',
    "Calls for what is committed, by the API's code (0 is a page) or, before it answered, by kind of fault.",
    ({ record: { counts } }) => by('code', { 0: counts.pages, ...counts.errors }),
  ),
  ofRun(
    'chat_export_run_retries',
    'Calls for what is committed that tried a page again.',
    ({ record }) => record.counts.retries,
  ),
  ofRun(
    'chat_export_attempt_calls',
    'Calls of the latest attempt, by whether they failed.',
    ({ calls, failedCalls }) => by('result', { page: calls - failedCalls, failed: failedCalls }),
  ),
  ofRun(
    'chat_export_attempt_pull_duration_seconds',
    'How long the latest attempt has pulled and committed.',
    ({ pullSeconds }) => pullSeconds,
  ),
  ofRun(
    'chat_export_attempt_quota_used_ratio',
    'The share of the quota that the latest attempt used while it pulled.',
    ({ calls, pullSeconds }, { rate }) => (pullSeconds > 0 ? calls / (rate * pullSeconds) : 0),
  ),
  ofRun(
    'chat_export_attempt_throttle_ratio',
    'The share of the quota to which rate-limit errors throttle the run now.',
    ({ throttleRatio }) => throttleRatio,
  ),
  ofRun(
    'chat_export_attempt_rate_limited_calls',
    'Calls of the latest attempt that the API answered with a rate-limit error.',
    ({ rateLimitedCalls }) => rateLimitedCalls,
  ),
  ofRun(
    'chat_export_attempt_rate_margin_seconds',
    'The rate margin in use: how much longer than a second a call counts against the rate.',
    ({ rateMarginMs }) => rateMarginMs / 1000,
  ),
];
