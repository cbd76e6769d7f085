import type pg from 'pg';
import { ChatExportError } from '../../../errors/chat-export-error.ts';
import { exitCodes } from '../../../errors/exit-codes.ts';
import type { CheckResult, InspectedJob, Inspection } from '../../contract/inspection.ts';
import type { MigrationStatus } from '../../contract/kind-database.ts';
import { lockFinding } from '../../contract/lock-finding.ts';
import type { ArchivedRun } from '../../contract/run-archive.ts';
import { lockHolder } from '../connect/advisory-lock.ts';
import { firstLook } from '../connect/first-connection.ts';
import { whyReadOnly } from '../connect/read-only-server.ts';
import { endReading } from '../connect/read-transaction.ts';
import { asPostgresError } from '../connect/server-errors.ts';
import { keyFingerprintOfTables } from '../ledger/rows-named-by.ts';
import type { SchemaPlace } from '../schema/database-migrations.ts';
import { type Hindrance, hindrance } from '../schema/grants.ts';
import { mayCreateTables, migrationStatus } from '../schema/migrations.ts';
import { schemaTables } from '../schema/schema-tables.ts';
import { sharingFindings } from '../sharing/inspect-sharing.ts';
import { otherJobs } from '../write/pruning.ts';
import { PostgresArchive } from './postgres-archive.ts';

export type InspectSchemaOptions = SchemaPlace &
  InspectedJob & {
    /** Whether a run may apply pending migrations. */
    readonly migrate: boolean;
    /** Whether several processes are to share the run. */
    readonly share?: boolean | undefined;
  };

/** Inspects a schema as a destination: server, migrations, rights, and the run at work. */
export async function inspectSchema(options: InspectSchemaOptions): Promise<Inspection> {
  const { name, sdkAppId } = options;
  const findings: CheckResult[] = [];
  let last: Inspection['last'];
  let former: FormerRuns = { otherJobs: [], storedKeyFingerprint: null };
  let bytesPerConversation: number | null = null;
  let isAtWork = false;
  let client: pg.Client | null = null;
  try {
    client = await firstLook({ ...options, purpose: 'check' });
    findings.push(await serverFinding(client, name));
    // First of all: this finding must not be hidden by the failure of another.
    const holder = await lockHolder(client, options.schema, sdkAppId);
    const opening = await openingFindings(client, options);
    findings.push(...opening.findings);
    if (options.share && opening.isReadable) findings.push(...(await sharingFindings(client, options)));
    findings.push(lockFinding(holder, options.share));
    isAtWork = holder !== null;
    if (opening.isReadable) {
      last = await findRun(options);
      former = await formerRuns(client, options);
      bytesPerConversation = await measuredBytes(client, options.schema);
    }
  } catch (error) {
    findings.push(failure(asPostgresError(error, name)));
  } finally {
    if (client !== null) await endReading(client);
  }
  return { findings, last, ...former, bytesPerConversation, freeBytes: null, isAtWork };
}

/** The findings before the lock, and whether runs and rows can be read. */
async function openingFindings(
  client: pg.Client,
  options: InspectSchemaOptions,
): Promise<{ readonly findings: readonly CheckResult[]; readonly isReadable: boolean }> {
  const found = await hindrance(client, options.schema);
  const rights = rightsFinding(found);
  // Without these, later queries would fail or see nothing.
  if (found !== null) return { findings: [rights], isReadable: false };
  try {
    const status = await migrationStatus(client, options.schema);
    return { findings: [rights, await schemaFinding(client, status, options)], isReadable: true };
  } catch (error) {
    return { findings: [rights, failure(asPostgresError(error, options.name))], isReadable: false };
  }
}

async function findRun({
  sdkAppId,
  job,
  runId,
  ...place
}: InspectSchemaOptions): Promise<ArchivedRun | null> {
  const archive = await PostgresArchive.open(place);
  try {
    if (runId === null) return (await archive.runs({ sdkAppId, job }, 1))[0] ?? null;
    const found = await archive.find(runId);
    return found?.record.sdkAppId === sdkAppId ? found : null;
  } finally {
    await archive.close();
  }
}

type FormerRuns = Pick<Inspection, 'otherJobs' | 'storedKeyFingerprint'>;

async function formerRuns(
  client: pg.Client,
  { schema, sdkAppId, job }: InspectSchemaOptions,
): Promise<FormerRuns> {
  const tables = schemaTables(schema);
  const { rows } = await client.query('select to_regclass($1) is not null as there', [tables.runChunks]);
  if (rows[0]?.there !== true) return { otherJobs: [], storedKeyFingerprint: null };
  return {
    otherJobs: await otherJobs(client, tables, sdkAppId, job),
    storedKeyFingerprint: await keyFingerprintOfTables(client, tables, sdkAppId),
  };
}

function failure(error: unknown): CheckResult {
  if (!(error instanceof ChatExportError)) throw error;
  const hint = 'check the server, and address, role and password in --to (or CHAT_EXPORT_TO)';
  return { subject: 'database', state: 'fail', message: error.message, hint, exitCode: error.exitCode };
}

const OLDEST = 150_000;
const FIRST_UNTRIED = 190_000;

async function serverFinding(client: pg.Client, name: string): Promise<CheckResult> {
  const { rows } = await client.query(
    `select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
            current_setting('server_encoding') as encoding, current_user as role,
            (select version from pg_stat_ssl where pid = pg_backend_pid() and ssl) as tls`,
  );
  const { version, number, encoding, role, tls } = rows[0] ?? {};
  const message =
    `${name} answers as PostgreSQL ${String(version)}, encoding ${String(encoding)}, role ${String(role)}, ` +
    `${typeof tls === 'string' ? `encrypted (${tls})` : 'not encrypted'}`;
  const subject = 'database';
  const why = await whyReadOnly(client);
  if (why !== null) {
    return {
      subject,
      state: 'fail',
      message: `${message}, but ${why.message}`,
      hint: why.hint,
      exitCode: exitCodes.destination,
    };
  }
  if (Number(number) < OLDEST || Number(number) >= FIRST_UNTRIED) {
    return { subject, state: 'warn', message, hint: 'this program is tested with PostgreSQL 15 to 18' };
  }
  return { subject, state: 'pass', message };
}

/** Whether the schema exists and is up to date, or a run may make it so. */
async function schemaFinding(
  client: pg.Client,
  { applied, pending }: MigrationStatus,
  { schema, migrate }: InspectSchemaOptions,
): Promise<CheckResult> {
  if (pending.length === 0) {
    return { subject: 'schema', state: 'pass', message: `${schema} is up to date` };
  }
  const message =
    applied.length === 0
      ? `${schema} has no tables of this program yet`
      : `${schema} has pending migrations (${pending.join(', ')})`;
  const byHand =
    'ask a role that may create tables to run chat-export migrate up, or the output of chat-export migrate sql';
  const fail: CheckResult = {
    subject: 'schema',
    state: 'fail',
    message,
    hint: byHand,
    exitCode: exitCodes.destination,
  };
  if (!migrate) return fail;
  if (await mayCreateTables(client, schema)) {
    return { subject: 'schema', state: 'pass', message: `${message}; a run migrates it` };
  }
  return { ...fail, message: `${message}, but this role may not create tables` };
}

const rightsFinding = (found: Hindrance | null): CheckResult =>
  found === null
    ? { subject: 'rights', state: 'pass', message: 'this role has all privileges that a run needs' }
    : { subject: 'rights', state: 'fail', ...found, exitCode: exitCodes.destination };

/** The row tables' size with their indexes, divided by the server's estimate of their rows. Partitions count. */
async function measuredBytes(client: pg.Client, schema: string): Promise<number | null> {
  const { rows } = await client.query(
    `select sum(pg_total_relation_size(c.oid))::float8 as bytes,
            (sum(c.reltuples) filter (where n.name = 'conversations'))::float8 as conversations
     from (select name, to_regclass(quote_ident($1) || '.' || name) as parent
           from unnest(array['conversations', 'contact_groups', 'memberships', 'exported_users']) as t(name)) n
     cross join lateral (select n.parent as relid union select relid from pg_partition_tree(n.parent)) t
     join pg_class c on c.oid = t.relid
     where c.relkind = 'r' and c.reltuples >= 0`,
    [schema],
  );
  const { bytes, conversations } = rows[0] ?? {};
  // A nearly empty table is all overhead.
  return Number(conversations) >= 1_000 ? Number(bytes) / Number(conversations) : null;
}
