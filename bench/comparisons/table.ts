import type { TextTable } from '../report/table.ts';
import type { Result } from './rivals.ts';
import type { Comparison } from './rows.ts';

const HEADER = [
  ...['course', 'rival', 'exit', 'wall s', 'CPU s', 'peak MiB', 'database CPU s', 'calls', 'refused'],
  ...['fullest s', 'quota used', 'conversations', 'memberships', 'contact groups'],
];

/** A line for each result. */
export function resultTable(results: readonly Result[]): Omit<TextTable, 'title'> {
  const lines = results.map((result) => [
    result.course,
    `${result.rival} ${result.variant}`,
    result.measured.code === null ? 'ended' : String(result.measured.code),
    result.measured.seconds.toFixed(1),
    result.measured.cpuSeconds === null ? '?' : result.measured.cpuSeconds.toFixed(1),
    result.measured.peakMiB.toFixed(0),
    result.databaseCpuSeconds.toFixed(1),
    String(result.report.calls),
    String(result.report.overQuota),
    String(result.report.fullestSecond),
    quotaUsed(result),
    shown(result.rows.conversations),
    shown(result.rows.memberships),
    shown(result.rows.contact_groups),
  ]);
  return { columns: HEADER, rows: lines };
}

function shown(comparison: Comparison | string | null): string {
  if (comparison === null) return 'has none';
  if (typeof comparison === 'string') return `unreadable: ${comparison}`;
  const { right, missing, wrong, repeated } = comparison;
  const faults = [
    missing > 0 ? `${missing} missing` : '',
    wrong > 0 ? `${wrong} wrong` : '',
    repeated > 0 ? `${repeated} repeated` : '',
  ].filter((fault) => fault !== '');
  return faults.length === 0 ? `all ${right}` : `${right} right, ${faults.join(', ')}`;
}

/** A share of the time between the first call and the last, which is not all of the run's. */
const quotaUsed = ({ rate, report }: Result): string =>
  rate === null || report.quotaUsed === null ? '' : `${(report.quotaUsed * 100).toFixed(1)} %`;
