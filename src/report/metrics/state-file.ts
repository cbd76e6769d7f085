import { readIfThere } from '../../destinations/read-if-there.ts';
import { replaceFile } from '../replace-file.ts';
import type { Moment } from './moment.ts';
import type { JobLabels } from './render.ts';

/** The state that the metrics of a job's next attempt take over from the last one. */
export type MetricsState = Pick<Moment, 'at' | 'isInProgress' | 'past'>;

/** Beside the metrics. node_exporter reads no file with this ending. */
export const statePath = (metricsFile: string): string => `${metricsFile}.state.json`;

/**
 * Reads the state that an attempt of the job wrote.
 * @returns null when there is no file, when another job wrote it, and when it is damaged; `onDamage` is called for the last
 * @throws when the file cannot be read: it must not be replaced unseen
 */
export async function readState(
  path: string,
  labels: JobLabels,
  onDamage: () => void,
): Promise<MetricsState | null> {
  const text = await readIfThere(path);
  if (text === null) return null;
  const { in_progress: isInProgress, updated_at: at, ...said } = objectIn(text);
  const successAt = numberOrNull(said.last_success_at);
  const endedAt = numberOrNull(said.last_end_at);
  const exitCode = numberOrNull(said.last_exit_code);
  if (
    typeof isInProgress !== 'boolean' ||
    typeof at !== 'number' ||
    successAt === undefined ||
    endedAt === undefined ||
    exitCode === undefined
  ) {
    onDamage();
    return null;
  }
  if (Object.entries(labels).some(([name, value]) => said[name] !== value)) return null;
  return { at, isInProgress, past: { successAt, endedAt, exitCode } };
}

/** @param mode the permissions, whatever the umask */
export async function writeState(
  path: string,
  labels: JobLabels,
  { at, isInProgress, past }: MetricsState,
  mode: number,
): Promise<void> {
  const values = {
    ...labels,
    in_progress: isInProgress,
    updated_at: at,
    last_success_at: past.successAt,
    last_end_at: past.endedAt,
    last_exit_code: past.exitCode,
  };
  await replaceFile(path, `${JSON.stringify(values, null, 2)}\n`, mode);
}

/** Empty for a text that is no JSON object. */
function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/** Undefined for any other value. */
const numberOrNull = (value: unknown): number | null | undefined =>
  typeof value === 'number' || value === null ? value : undefined;
