import { ChatExportError } from '../../errors/chat-export-error.ts';
import { directoryFinding, freeBytes } from '../contract/directory-finding.ts';
import type { CheckResult, Inspection } from '../contract/inspection.ts';
import { lockFinding } from '../contract/lock-finding.ts';
import { exists } from '../exists.ts';
import { type InspectSchemaOptions, inspectSchema } from '../postgres/read/inspect-schema.ts';
import { packagedHome } from './binaries.ts';
import { hasCluster, refuseForeignCluster } from './cluster.ts';
import { startEmbeddedServer } from './server.ts';

type InspectEmbeddedOptions = Omit<InspectSchemaOptions, 'url' | 'name' | 'caFile'> & {
  readonly dir: string;
};

/** Inspects a directory as an embedded database. Its server runs meanwhile, and no database is created. */
export async function inspectEmbedded({ dir, ...options }: InspectEmbeddedOptions): Promise<Inspection> {
  try {
    packagedHome();
    if (!(await hasCluster(dir))) return await inspectFuture(dir);
    const server = await startEmbeddedServer({ dir, create: false, waiting: options.waiting });
    try {
      const inspection = await inspectSchema({ ...options, url: server.url, name: `embedded:${dir}` });
      return { ...inspection, freeBytes: await freeBytes(dir) };
    } finally {
      await server.stop();
    }
  } catch (error) {
    if (!(error instanceof ChatExportError)) throw error;
    const next = 'do as the message says, or choose another destination with --to';
    const finding: CheckResult = {
      subject: 'database',
      state: 'fail',
      message: error.message,
      hint: next,
      exitCode: error.exitCode,
    };
    return {
      findings: [finding],
      last: undefined,
      otherJobs: [],
      storedKeyFingerprint: null,
      bytesPerConversation: null,
      freeBytes: null,
    };
  }
}

/** A run would create the database. */
async function inspectFuture(dir: string): Promise<Inspection> {
  // A directory that cannot be looked at is refused by its finding.
  if (await exists(dir).catch(() => false)) await refuseForeignCluster(dir);
  return {
    findings: [await directoryFinding(dir), lockFinding(null)],
    last: null,
    bytesPerConversation: null,
    otherJobs: [],
    storedKeyFingerprint: null,
    freeBytes: await freeBytes(dir),
  };
}
