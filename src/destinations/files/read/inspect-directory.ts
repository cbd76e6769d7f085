import { ChatExportError } from '../../../errors/chat-export-error.ts';
import { exitCodes } from '../../../errors/exit-codes.ts';
import { DestinationLocked } from '../../contract/destination-error.ts';
import { directoryFinding, freeBytes } from '../../contract/directory-finding.ts';
import type { CheckResult, InspectedJob, Inspection } from '../../contract/inspection.ts';
import { lockFinding } from '../../contract/lock-finding.ts';
import { unfinishedErasures } from '../../contract/suppressed-users.ts';
import { exists } from '../../exists.ts';
import { otherFormat, refuseForeignDirectory } from '../file-destination.ts';
import type { FileFormat } from '../formats/format.ts';
import type { FileFormatName } from '../formats/format-name.ts';
import { formatAtWork, formatNamed } from '../formats/formats.ts';
import { holderText, livingHolder } from '../lock/lock-holder.ts';
import { replacedBy } from '../replaced-by.ts';
import { keyFingerprintOfFiles } from '../rows-named-by.ts';
import { directoryLayout, type Layout } from '../storage/layout.ts';
import { readStoredRun } from '../storage/run-record.ts';
import { readSuppressed } from '../storage/suppressed-file.ts';
import { toDestinationError } from '../storage/system-error.ts';
import { FileArchive } from './file-archive.ts';

/** Inspects a directory as a destination: whether a run could write there, what it holds, and the run at work. */
export async function inspectDirectory(
  directory: string,
  formatName: FileFormatName,
  { sdkAppId, job, runId }: InspectedJob,
): Promise<Inspection> {
  const layout = directoryLayout(directory);
  const format = await formatNamed(formatName);
  const findings: CheckResult[] = [await directoryFinding(directory)];
  let newest: Inspection['last'];
  try {
    format.require(directory);
    if (await exists(directory)) {
      await refuseForeignDirectory(layout, format, sdkAppId);
      const archive = await FileArchive.open(directory);
      const holder = await livingHolder(layout.lock);
      findings.push(lockFinding(holder === null ? null : { text: holderText(holder), isShared: false }));
      // A directory holds one run at a time, of any job.
      newest = (await archive.runs({ sdkAppId: null, job: null }, 1))[0] ?? null;
      const suppressed = await readSuppressed(layout.suppressed, sdkAppId);
      for (const warning of unfinishedErasures(archive.name, suppressed))
        findings.push({ subject: 'erasure', state: 'warn', ...warning });
    } else {
      newest = null;
      findings.push(lockFinding(null));
    }
  } catch (error) {
    findings.push(failure(directory, error));
  }
  const its = newest?.record.status === 'running' ? await formatAtWork(layout) : null;
  const refusal = its && newest && otherFormat(newest.record.runId, its, format);
  if (refusal) findings.push({ subject: 'format', state: 'warn', ...refusal });
  return {
    findings,
    last: newest && runId !== null && newest.record.runId !== runId ? null : newest,
    bytesPerConversation: await measuredBytes(layout, format),
    otherJobs: [],
    replaced: await replacedBy(layout, job).catch(() => null),
    storedKeyFingerprint: await keyFingerprintOfFiles(layout, sdkAppId).catch(() => null),
    freeBytes: await freeBytes(directory),
  };
}

function failure(directory: string, raw: unknown): CheckResult {
  const error = toDestinationError(directory, raw, 'read');
  if (error instanceof DestinationLocked) {
    const hint = 'do as the message says, or choose another directory';
    return { subject: 'lock', state: 'fail', message: error.message, hint, exitCode: exitCodes.locked };
  }
  if (!(error instanceof ChatExportError)) throw error;
  const hint = 'choose a directory that is new, empty, or holds an earlier export';
  return { subject: 'content', state: 'fail', message: error.message, hint, exitCode: error.exitCode };
}

/** Estimated from the last finished export, if it has the same format. */
async function measuredBytes({ manifest }: Layout, { name }: FileFormat): Promise<number | null> {
  try {
    const found = await readStoredRun(manifest);
    if (found?.format !== name) return null;
    const { conversations } = found.record.counts;
    if (conversations === 0) return null;
    return Object.values(found.files).reduce((sum, { bytes }) => sum + bytes, 0) / conversations;
  } catch {
    return null;
  }
}
