import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { JobError } from '../../src/config/model/job-error.ts';
import { readJob } from '../../src/config/read-job.ts';
import type { JobSources } from '../../src/config/sources/job-sources.ts';

export const key = '5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e';
export const userSig = `eJyrVgrxCdYrSy1SslIy0jNQ0gHzM1NS80oy0zLBwokpuZl5mcUlRYkl*UVQBcUp2YkFBZkpSlaG`;

/** The smallest valid job. Each test changes its own part. */
export const flags = {
  users: 'users.txt',
  to: 'csv:out',
  region: 'singapore',
  'sdk-app-id': '1400000000',
} as const;
export const env = { CHAT_EXPORT_SECRET_KEY: key } as const;
export const cwd = '/work-dir';

export function start(sources: Partial<JobSources> = {}): ReturnType<typeof readJob> {
  return readJob({ flags, env, file: undefined, cwd, ...sources });
}

/** The problems of an attempt that is refused. */
export async function problemsOf(sources: Partial<JobSources>): Promise<readonly string[]> {
  try {
    await start(sources);
  } catch (error) {
    if (error instanceof JobError) return error.problems;
    throw error;
  }
  return [];
}

/** A new directory that goes when the test ends. */
export async function newDirectory(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'job-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Writes `nightly.yaml` into a new directory; the sources to start it with. */
export async function jobFile(
  content: string | Buffer,
  name = 'nightly.yaml',
): Promise<{ cwd: string; file: string }> {
  const dir = await newDirectory();
  await writeFile(join(dir, name), content);
  return { cwd: dir, file: name };
}
