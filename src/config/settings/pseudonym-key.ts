import { resolve } from 'node:path';
import { looksLikeSecretKey, Secret } from '../../secrets/secret.ts';
import { readSmallFile, SmallFileError } from '../sources/small-file.ts';
import type { ParsedValues } from './job-rules.ts';

const LARGEST = 65_536;
const LEAST = 32;

/**
 * The key of `--pseudonymize`: the text of its file without white space around it. Null when no key is asked for, and when it is
 * invalid, which is reported without its content. Like the other key files, it is read with any mode.
 */
export async function readPseudonymKey({
  given,
  values,
  report,
}: Pick<ParsedValues, 'given' | 'values' | 'report'>): Promise<Secret | null> {
  const one = given.values.get('pseudonymize');
  const typed = values.pseudonymize;
  if (one === undefined || typed === undefined) return null;
  if (looksLikeSecretKey(typed)) {
    report(`${one.where}: this looks like the key itself; name a file that holds it`);
    return null;
  }
  try {
    const text = (await readSmallFile(resolve(one.base, typed), LARGEST)).trim();
    const bytes = Buffer.byteLength(text);
    if (bytes >= LEAST) return new Secret(text);
    const has = bytes === 0 ? 'is blank' : `holds ${bytes} bytes`;
    throw new SmallFileError(
      `the file ${has}; expected a key of ${LEAST} or more, as openssl rand -hex ${LEAST} makes it`,
    );
  } catch (error) {
    if (!(error instanceof SmallFileError)) throw error;
    report(`${one.where}: ${error.message}`);
    return null;
  }
}
