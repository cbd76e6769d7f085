import { X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import type { NetworkSettings } from '../model/job.ts';
import { readSmallFile, SmallFileError } from '../sources/small-file.ts';
import type { ParsedValues } from './job-rules.ts';

// The bundle of a whole operating system is about a quarter of it.
const largest = 1_048_576;
const certificate = /-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs;

/** The path and the content of --ca-file, read before the first call. An invalid file is reported. */
export async function readCaFile({
  given,
  values,
  report,
}: ParsedValues): Promise<Pick<NetworkSettings, 'caFile' | 'ca'>> {
  const one = given.values.get('ca-file');
  const typed = values['ca-file'];
  if (one === undefined || typed === undefined) return { caFile: null, ca: [] };
  const caFile = resolve(one.base, typed);
  try {
    return { caFile, ca: certificatesIn(await readSmallFile(caFile, largest)) };
  } catch (error) {
    if (!(error instanceof SmallFileError)) throw error;
    report(`${one.where}: ${error.message}; expected certificates in PEM`);
    return { caFile, ca: [] };
  }
}

function certificatesIn(text: string): string[] {
  if (text.trim() === '') throw new SmallFileError('the file is empty');
  const found = text.match(certificate) ?? [];
  if (found.length === 0)
    throw new SmallFileError('the file holds no certificate (-----BEGIN CERTIFICATE-----)');
  for (const [index, pem] of found.entries()) {
    if (!isCertificate(pem))
      throw new SmallFileError(`the file holds a broken certificate, number ${index + 1}`);
  }
  return found;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
