import { exitCodes } from '../../../errors/exit-codes.ts';
import type { Checked } from '../../../preflight/check-job.ts';
import type { Cost } from '../../../preflight/cost.ts';
import { printable, printableJson } from '../../../report/text/printable.ts';
import { wrapped } from '../../../report/text/wrapped.ts';
import { grouped, rateText, timeSpan } from '../../../text/format.ts';

type CheckResult = Checked['findings'][number];

const signs: Readonly<Record<CheckResult['state'], string>> = {
  pass: '✓',
  warn: '!',
  fail: '✗',
  unknown: '?',
};

/** The results of a check, as lines for people: each with a tick or a cross, and each cross with a hint. */
export function checkText({ findings, cost }: Checked, rate: number, now: Date, width: number): string {
  const subjectWidth = Math.max(...findings.map(({ subject }) => subject.length), 9) + 1;
  const lines = findings.flatMap(({ state, subject, message, hint }) => [
    ...hanging(`${signs[state]} ${subject.padEnd(subjectWidth)}`, message, width),
    ...(hint === undefined ? [] : hanging(`${''.padEnd(subjectWidth + 2)}→ `, hint, width)),
  ]);
  const foreseen = cost === null ? [] : ['', ...wrapped(costText(cost, rate, now), width)];
  return [...lines, ...foreseen].map((line) => `${line}\n`).join('');
}

/** A text beside its subject, with further lines below. A line is wrapped only when it does not fit. */
const hanging = (about: string, text: string, width: number): string[] =>
  text
    .split('\n')
    .flatMap((line) => wrapped(printable(line), width - about.length))
    .map((line, i) => `${i === 0 ? about : ' '.repeat(about.length)}${line}`);

function costText(cost: Cost, rate: number, now: Date): string {
  const { users, calls, seconds, from } = cost;
  const end = new Date(now.getTime() + seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
  const basis = from === null ? 'at least one call per user' : `as in ${from}`;
  return (
    `A run would make about ${grouped(calls)} calls for ${grouped(users)} users (${basis}): ` +
    `${timeSpan(seconds * 1000)} at ${rateText(rate)} calls/s; started now, it would end at ${end}`
  );
}

/** The same as one JSON object. */
export const checkJson = ({ findings, cost }: Checked, exitCode: number, now: Date): string =>
  printableJson(
    JSON.stringify({
      ok: exitCode === exitCodes.done,
      exit_code: exitCode,
      findings: findings.map(({ subject, state, message, hint, ...finding }) => ({
        subject,
        state,
        message,
        hint: hint ?? null,
        exit_code: finding.exitCode ?? null,
      })),
      cost:
        cost === null
          ? null
          : {
              users: cost.users,
              calls: cost.calls,
              conversations: cost.conversations,
              bytes: cost.bytes,
              bytes_from: cost.bytesFrom,
              seconds: cost.seconds,
              would_end_at: new Date(now.getTime() + cost.seconds * 1000).toISOString(),
              from: cost.from,
            },
    }),
  );
