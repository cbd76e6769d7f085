import { type OptionName, optionList, secretVariables } from '../../../config/model/options.ts';
import { interpolate, isSet, variablesIn } from '../../../config/parse/interpolation.ts';
import { readOption } from '../../../config/parse/option-values.ts';
import { collectRaw } from '../../../config/sources/raw-values.ts';
import { looksLikeSecretKey, looksLikeUserSig } from '../../../secrets/secret.ts';
import type { CommandArguments } from '../../command/command.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The users of the quota: this job alone, or the app's back end, too. */
export type Quota = 'own' | 'shared';
export const quotas: readonly Quota[] = ['own', 'shared'];

/** The known values of a new job file. Texts as typed. */
export type Draft = {
  readonly values: ReadonlyMap<OptionName, string>;
  /** Whether the secret key is in its variable. */
  readonly keyInVariable: boolean;
  readonly quota: Quota | null;
};

/** The options that a job file may hold. */
export const fileOptions = optionList.filter(({ file }) => file !== false);

const exclusive: readonly (readonly [OptionName, OptionName])[] = [
  ['region', 'endpoint'],
  ['users', 'users-sql'],
  ['secret-key-file', 'usersig-file'],
  ['prune', 'limit'],
];

// The scheme of a database's URL, if it is written there and not in a variable.
const writtenPassword = /^\s*postgres(ql)?:\/\/([^/?#@]*:[^@]+@|.*[?&]\w*password=[^&])/is;

const PASSWORD = `leave the password out; use PGPASSWORD, ~/.pgpass or a \${VARIABLE} for it`;

/** The values of the flags, and their problems. */
export function readDraft(
  given: CommandArguments,
  env: Environment,
): { draft: Draft; problems: readonly string[] } {
  const names = fileOptions.map(({ name }) => name);
  const { values: typed, problems: unreadable } = collectRaw(
    { flags: given, env: {}, file: undefined, cwd: '/' },
    names,
  );
  const problems = [...unreadable];
  const values = new Map<OptionName, string>();
  for (const [name, { text, where }] of typed) {
    const fault = problemWith(name, text, env);
    if (fault === undefined) values.set(name, text.trim());
    else problems.push(`${where}: ${fault}`);
  }
  for (const [one, other] of exclusive) {
    if (values.has(one) && values.has(other)) {
      problems.push(`--${one} and --${other} exclude each other; keep one of them`);
    }
  }
  const keyFile = (['secret-key-file', 'usersig-file'] as const).find((name) => values.has(name));
  if (given['key-in-variable'] === true && keyFile !== undefined) {
    problems.push(`--key-in-variable and --${keyFile} exclude each other; keep one of them`);
  }
  const quota = quotas.find((one) => one === given.quota) ?? null;
  if (given.quota !== undefined && quota === null) {
    problems.push(`--quota: expected one of ${quotas.join(', ')}, once`);
  }
  const keyInVariable = given['key-in-variable'] === true || isSet(secretVariables.secretKey, env);
  return { draft: { values, keyInVariable: keyInVariable && keyFile === undefined, quota }, problems };
}

/**
 * Why an option's text is invalid, or undefined. With a variable that is not set now, this is unknown. The sentence does not
 * repeat the text.
 */
export function problemWith(name: OptionName, text: string, env: Environment): string | undefined {
  // It would be written to a file that every user may read.
  if (looksLikeSecretKey(text.trim()) || looksLikeUserSig(text.trim())) {
    return 'this looks like the secret itself; name a file that holds it';
  }
  try {
    const variables = variablesIn(text);
    if (writtenPassword.test(text.replaceAll(/\$\{\w*\}/g, ''))) return PASSWORD;
    if (!variables.every((variable) => isSet(variable, env))) return undefined;
    readOption[name](interpolate(text, env).trim());
    return undefined;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return error.message;
  }
}
