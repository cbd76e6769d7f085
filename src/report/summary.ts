import type { RunOutcome } from '../run/export-run.ts';
import { grouped, percent, timeSpan } from './figures.ts';
import { printable } from './printable.ts';

/** How a run ended; `failed` is one that an error ended after it was opened. */
export type Outcome =
  | RunOutcome
  | (Omit<RunOutcome, 'kind'> & { readonly kind: 'failed'; readonly error: string });

/** The result of a run as one JSON object. */
export const summaryJson = (outcome: Outcome, rate: number, exitCode: number): string =>
  JSON.stringify({
    outcome: outcome.kind,
    exit_code: exitCode,
    ...(outcome.kind === 'failed' ? { error: outcome.error } : {}),
    run: outcome.record.runId,
    job: outcome.record.job,
    sdk_app_id: outcome.record.sdkAppId,
    destination: outcome.destination,
    began_at: outcome.record.beganAt,
    finished_at: outcome.record.finishedAt,
    starts: outcome.record.starts,
    users: outcome.record.list.users,
    duplicates: outcome.record.list.duplicates,
    counts: outcome.record.counts,
    this_start: {
      calls: outcome.calls,
      failed_calls: outcome.failedCalls,
      seconds: outcome.pullMs / 1000,
      quota_used: quotaUsed(outcome, rate),
    },
  });

/** The result of a run as a table for people. */
export function summaryTable(outcome: Outcome, rate: number): string {
  const { record, destination, calls, failedCalls } = outcome;
  const { counts, list } = record;
  const retries = Object.entries(counts.errors).sort(([, a], [, b]) => b - a);
  const failures = Object.entries(counts.failures).sort(([, a], [, b]) => b - a);
  const pairs = (entries: [string, number][]): string =>
    entries.map(([name, count]) => `${name} ${grouped(count)}`).join(', ');
  const open = list.users - counts.exported - counts.notInApp - counts.failed;
  const lines: (readonly [string, string] | null)[] = [
    ['destination', destination],
    [
      'users',
      `${grouped(list.users)}${list.duplicates > 0 ? `, each once (${grouped(list.duplicates)} repetitions in the list)` : ''}`,
    ],
    [
      '  exported',
      `${grouped(counts.exported)}${counts.unchanged > 0 ? `, of which ${grouped(counts.unchanged)} unchanged` : ''}`,
    ],
    counts.notInApp > 0 ? ['  not in the app', grouped(counts.notInApp)] : null,
    counts.failed > 0
      ? ['  failed', `${grouped(counts.failed)} (${pairs(failures)}); listed in unexported_users`]
      : null,
    open > 0 ? ['  still to do', grouped(open)] : null,
    [
      'rows',
      `${grouped(counts.conversations)} conversations, ${grouped(counts.contactGroups)} contact groups, ` +
        `${grouped(counts.memberships)} memberships`,
    ],
    ['  written', `${grouped(counts.rowsWritten)}, removed ${grouped(counts.rowsRemoved)}`],
    [
      'calls',
      `${grouped(counts.calls)} for what is committed${retries.length > 0 ? `, of which failed: ${pairs(retries)}` : ''}`,
    ],
    ['this start', `${grouped(calls)} calls (${grouped(failedCalls)} failed) in ${pace(outcome, rate)}`],
    oddities(counts) === '' ? null : ['worth a look', oddities(counts)],
  ];
  const table = lines
    .filter((line) => line !== null)
    .map(([name, value]) => `  ${name.padEnd(18)}${printable(value)}`);
  return `${headline(outcome)}\n${table.join('\n')}\n`;
}

function headline(outcome: Outcome): string {
  const { kind, record } = outcome;
  const name = `Run ${record.runId} of job ${printable(record.job)}`;
  if (outcome.kind === 'failed') return `${name} came to a halt: ${printable(outcome.error)}`;
  if (kind === 'stopped') return `${name} was stopped; the same command goes on with it`;
  const { exported, failed, notInApp } = record.counts;
  if (failed === 0 && notInApp === 0) return `${name} is finished: everything was exported`;
  if (failed === 0) {
    return `${name} is finished: ${grouped(exported)} users exported, ${grouped(notInApp)} not in the app`;
  }
  return `${name} is finished, but ${grouped(failed)} user${failed === 1 ? '' : 's'} failed`;
}

/** The time, and the share of the quota where there was enough of both to speak of one. */
const pace = (outcome: Outcome, rate: number): string =>
  outcome.calls > rate && outcome.pullMs > 1_000
    ? `${timeSpan(outcome.pullMs)}, ${percent(quotaUsed(outcome, rate))} of ${rate} calls/s`
    : timeSpan(outcome.pullMs);

const quotaUsed = ({ calls, pullMs }: Outcome, rate: number): number =>
  pullMs > 0 ? (calls * 1000) / (rate * pullMs) : 0;

function oddities(counts: Outcome['record']['counts']): string {
  const named: [string, number][] = [
    ['memberships in a contact group that was never named', counts.unnamedGroups],
    ['items of an unknown Type left out', counts.skippedItems],
    ['texts with U+0000 or a lone surrogate, replaced by U+FFFD', counts.replacedTexts],
    ['rows with fields unknown to this version, kept in extra', counts.unknownFields],
  ];
  return named
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${grouped(count)} ${what}`)
    .join('; ');
}
