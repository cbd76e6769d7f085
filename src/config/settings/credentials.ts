import { resolve } from 'node:path';
import { looksLikeSecretKey, looksLikeUserSig, Secret } from '../../secrets/secret.ts';
import type { ApiCredentials } from '../model/job.ts';
import { secretVariables, variableName } from '../model/options.ts';
import { codeName, codeSecrets } from '../sources/code-options.ts';
import { isForThisStart, type RawValues } from '../sources/raw-values.ts';
import { readSmallFile, SmallFileError } from '../sources/small-file.ts';
import type { ParsedValues } from './job-rules.ts';

const largest = 65_536;

interface Candidate {
  readonly option: 'secret-key-file' | 'usersig-file';
  readonly kind: ApiCredentials['kind'];
  readonly source: 'flag' | 'code' | 'variable' | 'file';
  readonly where: string;
  readonly read: () => string | Promise<string>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The secret key or UserSig of the run; only the one that counts is read. Undefined when none is valid, which is reported without
 * its content.
 */
export async function readCredentials(
  { given, values, report }: ParsedValues,
  env: Environment,
): Promise<ApiCredentials | undefined> {
  // It was given, but is no file name: that is reported already.
  const unreadable = (['secret-key-file', 'usersig-file'] as const).filter(
    (name) => given.refused.has(name) || (given.values.has(name) && values[name] === undefined),
  );
  try {
    const readable = candidates(given, env).filter(({ option }) => !unreadable.includes(option));
    const candidate = choose(readable, unreadable.length > 0, given);
    return candidate && (await readCandidate(candidate));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    report(error.message);
    return undefined;
  }
}

async function readCandidate(candidate: Candidate): Promise<ApiCredentials> {
  const text = (await candidate.read()).trim();
  const fault = candidate.kind === 'secretKey' ? secretKeyFault(text) : userSigFault(text);
  if (fault !== undefined) throw new RangeError(`${candidate.where}: ${fault}`);
  return candidate.kind === 'secretKey'
    ? { kind: 'secretKey', secretKey: new Secret(text) }
    : { kind: 'userSig', userSig: new Secret(text) };
}

function candidates(given: RawValues, env: Environment): Candidate[] {
  const kinds = [
    { kind: 'secretKey', option: 'secret-key-file', variable: secretVariables.secretKey },
    { kind: 'userSig', option: 'usersig-file', variable: secretVariables.userSig },
  ] as const;
  return kinds.flatMap(({ kind, option, variable }) => {
    const found: Candidate[] = [];
    const code = given.code?.secrets[kind];
    if (code !== undefined) {
      found.push({ option, kind, source: 'code', where: codeSecrets[kind], read: () => code });
    }
    const file = given.values.get(option);
    if (file) {
      const { source, where, base, text } = file;
      found.push({ option, kind, source, where, read: () => readSecretFile(where, text, base, variable) });
    }
    const content = Object.hasOwn(env, variable) ? env[variable] : undefined;
    if (content !== undefined && content !== '') {
      found.push({ option, kind, source: 'variable', where: variable, read: () => content });
    }
    return found;
  });
}

function choose(all: readonly Candidate[], unreadable: boolean, { code }: RawValues): Candidate | undefined {
  const byStart = all.filter(isForThisStart);
  // A flag, or a program's option, decides alone: it makes one attempt differ from the file and the environment.
  const left = byStart.length > 0 ? byStart : all;
  const [one] = left;
  if (one === undefined) {
    if (unreadable) return undefined;
    throw new RangeError(
      code !== undefined
        ? `credentials are missing: give one of the options ${codeSecrets.secretKey}, ${codeName('secret-key-file')}, ${codeSecrets.userSig} and ${codeName('usersig-file')}`
        : `credentials are missing: give --secret-key-file FILE or --usersig-file FILE, or set ${secretVariables.secretKey} or ${secretVariables.userSig}`,
    );
  }
  const places = left.map(({ where }) => where).join(' and ');
  if (left.some(({ kind }) => kind !== one.kind)) {
    throw new RangeError(`both a secret key and a UserSig are given (${places}); keep one of them`);
  }
  const byVariable = left.filter(({ source }) => source === 'variable');
  if (byVariable.length > 1 || byStart.length > 1)
    throw new RangeError(`${places} are both set; keep one of them`);
  return byVariable[0] ?? one;
}

async function readSecretFile(where: string, text: string, base: string, variable: string): Promise<string> {
  if (looksLikeSecretKey(text) || looksLikeUserSig(text)) {
    throw new RangeError(
      `${where}: this looks like the secret itself; name a file that holds it, or set ${variable}`,
    );
  }
  try {
    return await readSmallFile(resolve(base, text), largest);
  } catch (error) {
    if (!(error instanceof SmallFileError)) throw error;
    throw new RangeError(`${where}: ${error.message}`, { cause: error });
  }
}

function secretKeyFault(text: string): string | undefined {
  if (text === '') return 'the secret key is blank';
  if (looksLikeUserSig(text)) {
    return `this looks like a UserSig, not a secret key; use --usersig-file, ${variableName('usersig-file')} or ${secretVariables.userSig}`;
  }
  if (text.startsWith('-----BEGIN'))
    return 'this is a key of the old algorithm (ECDSA); switch the app to HMAC-SHA256';
  return /[\s\p{Cc}\p{Cs}]/u.test(text) ? 'expected the secret key alone, on one line' : undefined;
}

function userSigFault(text: string): string | undefined {
  if (text === '') return 'the UserSig is blank';
  if (looksLikeSecretKey(text)) {
    return `this looks like a secret key, not a UserSig; use --secret-key-file, ${variableName('secret-key-file')} or ${secretVariables.secretKey}`;
  }
  return /^[A-Za-z0-9*_-]+$/.test(text)
    ? undefined
    : 'expected the UserSig alone: letters, digits, *, - and _';
}
