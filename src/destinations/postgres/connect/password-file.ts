import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidDestination } from '../../contract/destination-error.ts';
import type { ConnectionTarget } from './connection-url.ts';
import { homeDirectory } from './home-directory.ts';

// The socket directories of Debian and of PostgreSQL itself.
const DEFAULT_SOCKETS: ReadonlySet<string> = new Set(['/var/run/postgresql', '/run/postgresql', '/tmp']);

/**
 * The password that `passfile`, PGPASSFILE or `~/.pgpass` has for a connection (PostgreSQL's manual, "The Password File"); null
 * when it has none.
 * @throws {InvalidDestination} for a file that others may read
 */
export async function passwordFromFile(target: ConnectionTarget, name: string): Promise<string | null> {
  const home = homeDirectory();
  const file = target.parameter('passfile') || (home === null ? null : join(home, '.pgpass'));
  if (file === null) return null;
  const found = await stat(file).catch(() => null);
  // A missing file, or one that is no regular file, has no passwords: /dev/null switches it off.
  if (found?.isFile() !== true) return null;
  if ((found.mode & 0o077) !== 0) {
    throw new InvalidDestination(
      `${name}: the password file ${file} may be read by others: chmod 600 ${file}`,
    );
  }
  const host = DEFAULT_SOCKETS.has(target.host) ? 'localhost' : target.host;
  const wanted = [host, String(target.port), target.database, target.user];
  for (const line of (await readFile(file, 'utf8')).split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const fields = splitFields(line);
    if (fields.length >= 5 && wanted.every((value, i) => fields[i] === '*' || fields[i] === value))
      return fields[4] ?? null;
  }
  return null;
}

/** Fields between colons; a backslash keeps a colon or a backslash as it is. */
const splitFields = (line: string): string[] =>
  (line.match(/(?:^|:)(?:\\.|[^:\\])*/g) ?? []).map((field) =>
    field.replace(/^:/, '').replace(/\\(.)/g, '$1'),
  );
