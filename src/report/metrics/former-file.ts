import { readFile } from 'node:fs/promises';
import { kept } from './metric-table.ts';
import type { JobLabels } from './render.ts';

/** What an earlier attempt left in the file; null is nothing. */
export type Former = { readonly [Name in keyof typeof kept]: number | null };

/** Reads back what a metrics file says of a job; a file that is not there, or is another job's, says nothing. */
export async function readFormer(path: string, labels: JobLabels): Promise<Former> {
  const lines = (await textOf(path)).split('\n');
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  const saidOf = (name: string): number | null => {
    const start = `${name}{${pairs.join(',')}} `;
    const value = Number(lines.find((line) => line.startsWith(start))?.slice(start.length) || Number.NaN);
    return Number.isFinite(value) ? value : null;
  };
  return {
    isInProgress: saidOf(kept.isInProgress),
    updatedAt: saidOf(kept.updatedAt),
    successAt: saidOf(kept.successAt),
    endedAt: saidOf(kept.endedAt),
    exitCode: saidOf(kept.exitCode),
  };
}

/** Empty when there is no such file. @throws when it cannot be read: what it says must not be written over unseen */
async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
