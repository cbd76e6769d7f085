import { resolve } from 'node:path';
import { parseDatabaseUrl } from '../../database-url/database-url.ts';
import type { JobDestination } from '../model/job.ts';
import { Secret } from '../model/secret.ts';

/** A database as typed: directories are still relative. */
export type TypedDatabase =
  | { readonly kind: 'embedded'; readonly dir: string }
  | {
      readonly kind: 'postgres';
      readonly url: Secret;
      readonly shown: string;
      readonly hasPassword: boolean;
    };

/** A destination as typed. */
export type TypedDestination =
  | TypedDatabase
  | { readonly kind: 'files'; readonly scheme: 'csv' | 'parquet'; readonly dir: string };

/**
 * @throws RangeError with a sentence that repeats nothing of the value, since it may hold a password
 */
export function parseDestination(text: string): TypedDestination {
  const { scheme, rest } = parts(text);
  if (scheme === 'csv' || scheme === 'parquet')
    return { kind: 'files', scheme, dir: directory(scheme, rest) };
  const database = databaseOf(text);
  if (database) return database;
  throw new RangeError('expected a destination: csv:DIR, parquet:DIR, postgres://… or embedded:DIR');
}

/** A database that is only read. @throws RangeError as `parseDestination` */
export function parseDatabase(text: string): TypedDatabase {
  const database = databaseOf(text);
  if (database) return database;
  throw new RangeError('expected a database: postgres://… or embedded:DIR');
}

function databaseOf(text: string): TypedDatabase | undefined {
  const { scheme, rest } = parts(text);
  switch (scheme) {
    case 'embedded':
      return { kind: 'embedded', dir: directory('embedded', rest) };
    case 'postgres':
    case 'postgresql':
      return postgres(text.trim());
    default:
      return undefined;
  }
}

function parts(text: string): { scheme: string | undefined; rest: string } {
  const match = /^([a-z]+):(.*)$/is.exec(text.trim());
  return { scheme: match?.[1]?.toLowerCase(), rest: match?.[2] ?? '' };
}

/** Directories become absolute, from `base` on. */
export function resolveDestination(
  typed: TypedDestination,
  { schema, compress }: { readonly schema: string; readonly compress: 'none' | 'gzip' },
  base: string,
): JobDestination {
  switch (typed.kind) {
    case 'files': {
      const csv = compress === 'gzip' ? 'csv.gz' : 'csv';
      return { kind: 'files', form: typed.scheme === 'csv' ? csv : 'parquet', dir: resolve(base, typed.dir) };
    }
    case 'embedded':
      return { kind: 'embedded', dir: resolve(base, typed.dir), schema };
    case 'postgres':
      return { kind: 'postgres', url: typed.url, shown: typed.shown, schema };
  }
}

function directory(scheme: string, dir: string): string {
  if (dir.trim() === '') throw new RangeError(`the directory is missing; write ${scheme}:DIR`);
  if (dir.startsWith('//')) throw new RangeError(`expected ${scheme}:DIR with a directory, not a URL`);
  if (/^~(\/|$)/.test(dir)) throw new RangeError(`~ has no meaning here; write ${scheme}:/the/whole/path`);
  return dir;
}

function postgres(text: string): TypedDatabase {
  const { shown, hasPassword } = parseDatabaseUrl(text);
  return { kind: 'postgres', url: new Secret(text), shown, hasPassword };
}
