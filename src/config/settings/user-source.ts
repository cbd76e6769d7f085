import { resolve } from 'node:path';
import { destinationKind } from '../../destinations/open/kinds.ts';
import { queryableForms } from '../../destinations/open/parse-destination.ts';
import { looksLikeSecretKey, looksLikeUserSig } from '../../secrets/secret.ts';
import type { FailedOf, UserDatabase, UserSource } from '../model/job.ts';
import { options, variableName } from '../model/options.ts';
import { isForThisStart } from '../sources/raw-values.ts';
import { checkPassword, checkRefused, chooseBetween, type ParsedValues, wasGiven } from './job-rules.ts';

/**
 * The source of the users: a file, a query, or the failed users of a run; with pseudonyms, those of a file or a query. Undefined
 * when there is none, which is reported.
 */
export function userSource(settled: ParsedValues, cwd: string): UserSource | undefined {
  const { given, values, report } = settled;
  const failedOf = failedOfRun(settled);
  if (failedOf !== undefined && !wasGiven('pseudonymize', given)) {
    const tempDir = values['temp-dir'];
    return {
      file: null,
      query: null,
      failedOf,
      column: null,
      maxBadLines: 0,
      tempDir: tempDir === undefined ? null : resolve(given.values.get('temp-dir')?.base ?? cwd, tempDir),
    };
  }
  const one = chooseBetween('users', 'users-sql', 'a user list and a query for one', settled);
  const database = given.values.get('users-db');
  // Beside a query that a flag beats, it may stay in the file.
  if (database && one === 'users' && (!wasGiven('users-sql', given) || isForThisStart(database))) {
    report(`${database.where}: it needs --users-sql; add that, or leave it out`);
  }
  const path = (name: 'users' | 'temp-dir', text: string): string =>
    resolve(given.values.get(name)?.base ?? cwd, text);
  const more = {
    failedOf: failedOf ?? null,
    column: values['user-column'] ?? null,
    maxBadLines: values['max-bad-lines'],
    tempDir: values['temp-dir'] === undefined ? null : path('temp-dir', values['temp-dir']),
  };
  const { users, 'users-sql': sql } = values;
  const secret = (['users', 'users-sql', 'user-column'] as const).find((name) => looksSecret(values[name]));
  if (secret !== undefined) {
    const where = given.values.get(secret)?.where ?? secret;
    report(`${where}: this looks like a secret key or a UserSig, and is not shown; give ${WHAT[secret]}`);
    return undefined;
  }
  if (one === 'users' && users !== undefined) {
    return { file: users === '-' ? users : path('users', users), query: null, ...more };
  }
  if (one === 'users-sql' && sql !== undefined) {
    const queried = queriedDatabase(settled, cwd);
    return queried && { file: null, query: { sql, database: queried }, ...more };
  }
  if (one === 'neither') {
    const { placeholder } = options.users;
    report(
      given.code === undefined
        ? `users is missing: give --users ${placeholder} or --users-sql ${options['users-sql'].placeholder}, ` +
            `set ${variableName('users')}, or write users: ${placeholder} in the job file`
        : 'users is missing: give the option users or usersSql',
    );
  }
  return undefined;
}

const WHAT = {
  users: 'the file of the user list',
  'users-sql': 'a query',
  'user-column': 'the name of a column',
} as const;

const looksSecret = (text: string | undefined): boolean =>
  text !== undefined && (looksLikeSecretKey(text.trim()) || looksLikeUserSig(text.trim()));

/** The failed users of a run, if they are asked for. Such a run does not process a whole list, and cannot replace one. */
function failedOfRun(settled: ParsedValues): FailedOf | undefined {
  const { given, values, report } = settled;
  const option = given.values.get('retry-failed');
  const runId = values['retry-failed'];
  if (option === undefined || runId === undefined) {
    const code = values.code && given.values.get('code');
    if (code && option === undefined) report(`${code.where}: narrows --retry-failed RUN, which is missing`);
    return undefined;
  }
  // The API does not know pseudonyms: the list has the IDs.
  const list = wasGiven('pseudonymize', given) ? [] : (['users', 'users-sql', 'users-db'] as const);
  for (const name of [...list, 'resume', 'prune'] as const) {
    const other = given.values.get(name);
    // Options that a job file has for runs of the whole list do not apply to this attempt.
    if (other === undefined || (!isForThisStart(other) && name !== 'resume')) continue;
    report(`${option.where} and ${other.where} exclude each other; keep one of them`);
  }
  checkRefused(['retry-failed'], settled);
  return { runId, codes: values.code ?? [] };
}

/** The database of the query: its own, or the destination's. */
function queriedDatabase(settled: ParsedValues, cwd: string): UserDatabase | undefined {
  const { given, values, report } = settled;
  const name = wasGiven('users-db', given) ? 'users-db' : 'to';
  const typed = values[name];
  // Missing or unreadable: both are reported with the option itself.
  if (typed === undefined) return undefined;
  const { database, aboutTyped } = destinationKind(typed);
  if (database === null) {
    const { scheme } = aboutTyped(typed);
    report(
      `--users-sql: a ${scheme}: destination has no database to ask; name one with --users-db ${queryableForms}`,
    );
    return undefined;
  }
  if (name === 'users-db') checkPassword(name, typed, settled);
  return { option: `--${name}`, ...database.resolve(typed, given.values.get(name)?.base ?? cwd) };
}
