import { describe, inject } from 'vitest';

/** A major version of PostgreSQL: the oldest that the program serves, and the newest. */
export type ServerVersion = '15' | '18';

/** The server of a version; throws where this machine has none. */
export function serverUrl(version: ServerVersion): string {
  const url = inject('postgresUrls')[version];
  if (url === null) throw new Error(`PostgreSQL ${version} is not on this machine`);
  return url;
}

/** The servers that tests of SQL run on; one that this machine lacks has the reason in `missing`. */
export const servers = (): readonly { readonly version: ServerVersion; readonly missing: string | null }[] =>
  (['18', '15'] as const).map((version) => ({
    version,
    missing: inject('postgresUrls')[version] === null ? `apt-get install postgresql-${version}` : null,
  }));

/** Tests for each server. Tests for a missing one are skipped, and name what is missing. */
export function describeServers(name: string, tests: (version: ServerVersion) => void): void {
  for (const { version, missing } of servers()) {
    const needs = missing === null ? '' : ` (needs ${missing})`;
    describe.skipIf(missing !== null)(`${name} on PostgreSQL ${version}${needs}`, () => tests(version));
  }
}
