import { type Place, readPlace } from '../job/read-place.ts';
import { runDetailsJson, runDetailsText } from '../report/run-details.ts';
import { runJson, runListText } from '../report/run-list.ts';
import { listRuns, showRun } from '../run/list-runs.ts';
import { exitCodes } from './exit-codes.ts';
import { exitCodeOfSignal, stopOnSignals } from './stop-on-signals.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';

type Flags = Readonly<Record<string, unknown>>;

const MOST_RUNS = 20;
const MOST_USERS = 20;

/** `chat-export runs`: what has run in a destination, the newest first. */
export async function runs(flags: Flags, surroundings: Surroundings): Promise<number> {
  const { env, cwd, out, err } = surroundings;
  if (Array.isArray(flags.last)) throw new UsageError('--last: given twice; give it once');
  const most = wholeNumber('--last', flags.last) ?? MOST_RUNS;
  const place = await readPlace({ flags, env, file: jobFileOf(flags), cwd });
  const stop = stopOf(place, surroundings);
  const { destination, runs: found } = await listRuns(place, place, most);
  if (stop.aborted) return exitCodeOfSignal(stop);
  if (place.json) out.write(`${JSON.stringify(found.map(runJson))}\n`);
  else if (found.length > 0) out.write(runListText(found));
  else err.write(`${destination} holds no run${place.job === null ? '' : ` of job ${place.job}`}\n`);
  return exitCodes.done;
}

/** `chat-export show RUN`: one run whole. */
export async function show(flags: Flags, surroundings: Surroundings): Promise<number> {
  const { env, cwd, out } = surroundings;
  const runId = wholeNumber('the run', flags.run);
  if (runId === undefined)
    throw new UsageError('chat-export show RUN: a number is missing; chat-export runs lists them');
  const place = await readPlace({ flags, env, file: jobFileOf(flags), cwd });
  // A person wants to see who failed; a program wants all of them.
  const most = place.json ? Number.MAX_SAFE_INTEGER : MOST_USERS;
  const stop = stopOf(place, surroundings);
  const { destination, run } = await showRun(place, runId, most);
  if (stop.aborted) return exitCodeOfSignal(stop);
  out.write(
    place.json ? `${JSON.stringify(runDetailsJson(destination, run))}\n` : runDetailsText(destination, run),
  );
  return exitCodes.done;
}

/** An embedded server is stopped before a signal ends the program; without one, there is nothing to bring to an end. */
const stopOf = ({ destination }: Place, surroundings: Surroundings): AbortSignal =>
  destination.kind === 'embedded' ? stopOnSignals(surroundings) : new AbortController().signal;

const jobFileOf = (flags: Flags): string | undefined =>
  typeof flags.job === 'string' ? flags.job : undefined;

function wholeNumber(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new UsageError(`${name} ${String(value)}: expected a whole number from 1`);
}
