import { exitCodes } from '../../../errors/exit-codes.ts';
import type { Verified } from '../../../past-runs/verify-run.ts';
import { printable, printableJson } from '../../../report/text/printable.ts';
import { textTable } from '../../../report/text/text-table.ts';
import { grouped } from '../../../text/format.ts';

type Verification = Verified['checks'][number];

const signs: Readonly<Record<Verification['state'], string>> = { agrees: '✓', differs: '✗', unknown: '?' };

/** The result of a comparison, for a screen of this many columns: a line for each check. */
export function verifyText({ destination, record, checks }: Verified, width: number): string {
  const table = textTable(
    [
      { name: '', alignRight: false },
      { name: 'CHECK', alignRight: false, breaks: true },
      { name: 'RECORDED', alignRight: false, breaks: true },
      { name: 'FOUND', alignRight: false, breaks: true },
    ],
    checks.map(({ subject, state, recorded, found }) => [
      signs[state],
      subject,
      inShort(recorded),
      found === null ? null : inShort(found),
    ]),
    width,
  );
  return (
    `Run ${record.runId} of job ${printable(record.job)} (${record.status}) in ${printable(destination)}\n\n` +
    `${table}\n${verdict(checks)}\n`
  );
}

// The beginning of a hash is enough to see a difference.
const inShort = (text: string): string =>
  /^\d{4,15}$/.test(text) ? grouped(Number(text)) : text.replace(/^([0-9a-f]{12})[0-9a-f]{52}$/, '$1…');

function verdict(checks: readonly Verification[]): string {
  const of = (state: Verification['state']): number => checks.filter((check) => check.state === state).length;
  const unknown = of('unknown') === 0 ? '' : `; ${of('unknown')} could not be verified`;
  if (of('differs') === 0) return `${of('agrees')} checks passed${unknown}`;
  return `${of('differs')} of ${checks.length} checks failed${unknown}`;
}

/** The same as one JSON object. */
export const verifyJson = ({ destination, record, checks }: Verified, exitCode: number): string =>
  printableJson(
    JSON.stringify({
      ok: exitCode === exitCodes.done,
      exit_code: exitCode,
      destination,
      run: record.runId,
      job: record.job,
      sdk_app_id: record.sdkAppId,
      status: record.status,
      checks: checks.map(({ subject, state, recorded, found }) => ({
        check: subject,
        state,
        recorded,
        found,
      })),
    }),
  );
