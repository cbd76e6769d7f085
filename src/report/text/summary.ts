import { snakeKeys } from '../../json/key-case.ts';
import type { RunOutcome } from '../../run/export-run.ts';
import { grouped, milliseconds, percent, rateText, timeSpan } from '../../text/format.ts';
import { type Ending, headline } from './headline.ts';
import { printableJson } from './printable.ts';
import { type AccountLine, accountLines, accountText, warningLines } from './summary-lines.ts';
import { wrapped } from './wrapped.ts';

/** How a run ended. `failed`: an error ended it after it was opened. */
export type Outcome =
  | RunOutcome
  | (Omit<RunOutcome, 'kind'> & { readonly kind: 'failed'; readonly error: string });

/** The result of a run as one JSON object. */
export const summaryJson = (outcome: Outcome, rate: number, exitCode: number): string =>
  printableJson(
    JSON.stringify({
      outcome: outcome.kind,
      exit_code: exitCode,
      ...(outcome.elsewhere === undefined ? {} : { elsewhere: outcome.elsewhere }),
      ...(outcome.kind === 'failed' ? { error: outcome.error } : {}),
      ...(outcome.byAnother ? { finished_by_another_attempt: true } : {}),
      run: outcome.record.runId,
      job: outcome.record.job,
      retry_of_run: outcome.record.retryOfRun,
      sdk_app_id: outcome.record.sdkAppId,
      destination: outcome.destination,
      started_at: outcome.record.startedAt,
      finished_at: outcome.record.finishedAt,
      attempts: outcome.record.attempts,
      users: outcome.record.list.users,
      duplicates: outcome.record.list.duplicates,
      lines: outcome.record.list.lines,
      bad_lines: outcome.record.list.bad,
      blank_lines: outcome.record.list.blank,
      users_beyond_limit: outcome.record.list.beyondLimit,
      users_suppressed: outcome.record.list.suppressed,
      counts: snakeKeys(outcome.record.counts),
      this_attempt: {
        calls: outcome.calls,
        failed_calls: outcome.failedCalls,
        rate_limited_calls: outcome.rateLimitedCalls,
        rate_margin_ms: Math.round(outcome.rateMarginMs * 10) / 10,
        seconds: outcome.pullMs / 1000,
        quota_used: quotaUsed(outcome, rate),
      },
    }),
  );

/** The result of a run as a table for people, for a screen of this many columns. */
export function summaryTable(outcome: Outcome, rate: number, width = Number.POSITIVE_INFINITY): string {
  const { record, destination, calls, failedCalls, rateLimitedCalls, rateMarginMs } = outcome;
  const lines: AccountLine[] = [
    ['destination', destination],
    ...accountLines(record),
    ['this attempt', `${callsText(calls)} (${grouped(failedCalls)} failed) in ${pace(outcome, rate)}`],
    ...(rateLimitedCalls === 0
      ? []
      : [
          [
            '  rate-limited',
            `${callsText(rateLimitedCalls)}; margin at the end ${milliseconds(rateMarginMs)}`,
          ] as const,
        ]),
    ...warningLines(record),
  ];
  return `${wrapped(headline(record, endingOf(outcome)), width).join('\n')}\n${accountText(lines, width)}`;
}

const endingOf = (outcome: Outcome): Ending =>
  outcome.kind === 'stopped' && outcome.elsewhere === 'running' ? { kind: 'left' } : outcome;

const callsText = (calls: number): string => (calls === 1 ? '1 call' : `${grouped(calls)} calls`);

/** The time, and the share of the quota if there were enough calls for one. */
const pace = (outcome: Outcome, rate: number): string =>
  outcome.calls > rate && outcome.pullMs > 1_000
    ? `${timeSpan(outcome.pullMs)}, ${percent(quotaUsed(outcome, rate))} of ${rateText(rate)} calls/s`
    : timeSpan(outcome.pullMs);

const quotaUsed = ({ calls, pullMs }: Outcome, rate: number): number =>
  pullMs > 0 ? (calls * 1000) / (rate * pullMs) : 0;
