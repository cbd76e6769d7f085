import { join } from 'node:path';
import type { Table } from '../../../rows/table.ts';

/**
 * The names below an export's directory.
 *
 * ```
 * conversations.csv …   the last finished run, in its format, with manifest.json and timelines.json beside the tables
 * suppressed.json       the users whom chat-export erase removed
 * .lock                 the holder of the directory's lock
 * .run/                 the run at work: run.json, plan, plan-2, ledger, timelines.json, and its CSV files so far
 *   made/ making/       the files for readers: complete tables, and those being made
 * .run-new/  .run-old/  a run whose plan is being made; one that is being removed
 * ```
 */
export type Layout = {
  readonly directory: string;
  readonly lock: string;
  readonly manifest: string;
  readonly timelines: string;
  readonly suppressed: string;
  readonly run: RunLayout;
  readonly newRun: RunLayout;
  readonly oldRun: string;
};

export type RunLayout = {
  readonly directory: string;
  readonly record: string;
  readonly plan: string;
  readonly secondPlan: string;
  readonly ledger: string;
  readonly manifest: string;
  readonly timelines: string;
  readonly rows: (table: Table) => string;
  readonly made: string;
  readonly making: string;
  /** The earlier published files, until they are removed. */
  readonly replaced: string;
};

export const directoryLayout = (directory: string): Layout => ({
  directory,
  lock: join(directory, '.lock'),
  manifest: join(directory, 'manifest.json'),
  timelines: join(directory, 'timelines.json'),
  suppressed: join(directory, 'suppressed.json'),
  run: runLayout(join(directory, '.run')),
  newRun: runLayout(join(directory, '.run-new')),
  oldRun: join(directory, '.run-old'),
});

const runLayout = (directory: string): RunLayout => ({
  directory,
  record: join(directory, 'run.json'),
  plan: join(directory, 'plan'),
  secondPlan: join(directory, 'plan-2'),
  ledger: join(directory, 'ledger'),
  manifest: join(directory, 'manifest.json'),
  timelines: join(directory, 'timelines.json'),
  rows: (table) => join(directory, `${table.name}.csv`),
  made: join(directory, 'made'),
  making: join(directory, 'making'),
  replaced: join(directory, 'replaced'),
});
