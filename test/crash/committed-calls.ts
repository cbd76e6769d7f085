import { expect } from 'vitest';
import type { TestDestination } from '../support/destinations.ts';
import { runProgram } from '../support/program.ts';

/** A run as its destination has it, and the calls of the chunks that are committed. */
export type Committed = { readonly run: number; readonly calls: number };

/** The counts that the newest run has committed so far; null before there is one. */
export async function committedCalls({ to }: TestDestination): Promise<Committed | null> {
  const { code, stdout, stderr } = await runProgram(['show', 'last', '--to', to, '--json']);
  if (code !== 0) {
    expect(stderr).toMatch(/holds no run|no tables|there is no|is empty|not exist/);
    return null;
  }
  const { run, counts } = JSON.parse(stdout) as { run: number; counts: { calls: number } };
  return { run, calls: counts.calls };
}

/**
 * Holds an attempt that finished its run to the calls that it had to make: those of the chunks that were not committed when
 * it began, and no other. It may have made fewer: a server can finish a commit of a killed attempt after `before` was read.
 */
export function expectOnlyOpenChunksCalled(
  before: Committed | null,
  { stdout }: { readonly stdout: string },
  why: string,
): void {
  const { run, counts, this_attempt } = JSON.parse(stdout) as {
    run: number;
    counts: { calls: number };
    this_attempt: { calls: number };
  };
  const committed = before?.run === run ? before.calls : 0;
  expect(this_attempt.calls, why).toBeLessThanOrEqual(counts.calls - committed);
}
