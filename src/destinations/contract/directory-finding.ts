import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { exitCodes } from '../../errors/exit-codes.ts';
import type { CheckResult } from './inspection.ts';

/** Whether this account could write into a directory, or create it. */
export async function directoryFinding(directory: string): Promise<CheckResult> {
  const place = await nearestExisting(directory);
  const fail = (message: string, hint: string): CheckResult => ({
    subject: 'directory',
    state: 'fail',
    message,
    hint,
    exitCode: exitCodes.destination,
  });
  if (!(await stat(place)).isDirectory()) {
    return fail(`${place} is a file, not a directory`, 'choose another directory');
  }
  try {
    await access(place, constants.W_OK | constants.X_OK);
  } catch {
    return fail(
      `this account may not write to ${place}`,
      `give it the right to, or choose another directory`,
    );
  }
  const message = place === directory ? `${directory} can be written to` : `${directory} can be created`;
  return { subject: 'directory', state: 'pass', message };
}

async function nearestExisting(path: string): Promise<string> {
  const parent = dirname(path);
  if (parent === path) return path;
  return await access(path).then(
    () => path,
    () => nearestExisting(parent),
  );
}

/** The access that the file system gives this account to a directory, or to the place where it would be created. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(await nearestExisting(directory));
  return bavail * bsize;
}
