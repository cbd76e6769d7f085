import type { ListedRun } from '../../past-runs/list-runs.ts';
import type { RunOutcome } from '../../run/export-run.ts';
import { grouped } from '../../text/format.ts';
import { printable } from './printable.ts';

/** The state of a run. `left`: this process stopped while others were at work on it. `unfinished`: its last attempt recorded no reason for its end. */
export type Ending =
  | { readonly kind: 'finished' | 'stopped' | 'left' | 'at work' | 'unfinished' | 'abandoned' }
  | { readonly kind: 'failed'; readonly error: string };

/** The result of a run, in one sentence without its full stop. */
export function headline(record: RunOutcome['record'], ending: Ending): string {
  const name = `Run ${record.runId} of job ${printable(record.job)}`;
  const { exported, failed, notInApp } = record.counts;
  const done = `${grouped(exported + failed + notInApp)} of ${grouped(record.list.users)} users are processed`;
  switch (ending.kind) {
    case 'failed':
      return `${name} failed: ${printable(ending.error)}`;
    case 'stopped': {
      const onTime = record.stopReason === 'max_duration' ? ' on time' : '';
      return `${name} was stopped${onTime}; the same command resumes it`;
    }
    case 'left': {
      const left = `This process has left run ${record.runId} of job ${printable(record.job)}`;
      // The time is over for all of them.
      return record.stopReason === 'max_duration'
        ? `${left} on time; the same command joins or resumes it`
        : `${left}; other processes were still at work on it then, and the same command joins or resumes it`;
    }
    case 'at work':
      return `${name} is at work: ${done}`;
    case 'unfinished':
      return `${name} is unfinished: its last attempt ended without recording a reason; ${done}`;
    case 'abandoned':
      return `${name} was abandoned; ${done}, and what it committed stays${failureText(record.error)}`;
    case 'finished':
      if (failed === 0 && notInApp === 0) return `${name} is finished: ${everyoneText(record.list)}`;
      if (failed === 0) {
        return `${name} is finished: ${grouped(exported)} users exported, ${grouped(notInApp)} not in the app`;
      }
      return `${name} is finished, but ${grouped(failed)} user${failed === 1 ? '' : 's'} failed`;
  }
}

/** At most the plan: `--limit` and invalid lines keep users out of it. */
const everyoneText = ({ users, bad, beyondLimit }: RunOutcome['record']['list']): string =>
  bad + beyondLimit === 0
    ? 'everything was exported'
    : `all ${grouped(users)} users of its plan were exported`;

const failureText = (error: string | null): string =>
  error === null ? '' : `; its last attempt failed: ${printable(error)}`;

/** The state of a run as its destination stores it. */
export function storedEnding(run: ListedRun): Ending {
  const { status, stopReason, error } = run.record;
  if (status !== 'running') return { kind: status };
  if (run.holder !== null) return { kind: 'at work' };
  if (stopReason === null) return { kind: 'unfinished' };
  return error === null ? { kind: 'stopped' } : { kind: 'failed', error };
}
