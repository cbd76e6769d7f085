import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Findings } from '../bench.ts';
import type { Machine } from '../machine.ts';

/** The findings of a bench, with the data to judge them. */
export type Result = Findings & {
  readonly bench: string;
  readonly quick: boolean;
  /** ISO 8601, UTC. */
  readonly measuredAt: string;
  readonly seconds: number;
  readonly machine: Machine;
};

/** The results in a file; none when the file is missing. */
export async function readResults(path: string): Promise<Result[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '[]';
    throw error;
  });
  return JSON.parse(text) as Result[];
}

/** Replaces an earlier result of the same bench. */
export async function keepResult(path: string, result: Result): Promise<void> {
  const others = (await readResults(path)).filter(({ bench }) => bench !== result.bench);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify([...others, result], null, 2)}\n`);
}
