import { text } from 'node:stream/consumers';
import type { JobDestination } from '../../../config/model/job.ts';
import { databaseOptions } from '../../../config/model/option-sets.ts';
import { readPlace } from '../../../config/read-destination-ref.ts';
import { startEmbeddedServer } from '../../../destinations/embedded/server.ts';
import type { Waiting } from '../../../destinations/postgres/connect/waiting.ts';
import { jsonOf } from '../../../destinations/postgres/read/query-json.ts';
import { ReadOnlySession } from '../../../destinations/postgres/read/read-only-session.ts';
import type { SchemaPlace } from '../../../destinations/postgres/schema/database-migrations.ts';
import { exitCodes } from '../../../errors/exit-codes.ts';
import { grouped } from '../../../report/text/format.ts';
import { printableJson } from '../../../report/text/printable.ts';
import { textTable } from '../../../report/text/text-table.ts';
import { type Given, jobFileOf } from '../../command/command.ts';
import type { ProcessContext } from '../../command/process-context.ts';
import { UsageError } from '../../command/usage-error.ts';
import { waitingToLook } from '../../terminal/waiting-to-look.ts';
import { writeResult } from '../../terminal/write-result.ts';

const MOST_IN_TABLE = 1_000;
const ROWS_AT_ONCE = 500;

type Database = Exclude<JobDestination, { readonly kind: 'files' }>;

/** `chat-export sql`: the result of one query on standard output. */
export async function executeSql(
  flags: Given,
  { env, cwd, input, out, err, onSignal, reraise }: ProcessContext,
): Promise<number> {
  const file = jobFileOf(flags);
  if (file !== undefined && isWord(flags.statement)) {
    throw new UsageError(
      `sql: ${file} is one argument too many, or no job file: the statement is one, between quotation marks`,
    );
  }
  const { destination, caFile } = await readPlace({ flags, env, file, cwd }, databaseOptions);
  if (destination.kind === 'files') {
    throw new UsageError(
      'sql needs a database: a job that exports into one, --to embedded:DIR or --to postgres://…',
    );
  }
  if (flags.csv && flags.json) throw new UsageError('--csv and --json exclude each other; keep one of them');
  const statement = await statementOf(flags.statement, input);
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    onSignal(signal, () => (ending.signal.aborted ? reraise(signal) : ending.abort(signal)));
  }
  try {
    await withSession(destination, caFile, waitingToLook(ending.signal, { err }), (session) =>
      writeResult(out, resultOf(session, statement, flags), ending),
    );
  } catch (error) {
    if (!ending.signal.aborted) throw error;
  }
  return ending.signal.aborted ? exitCodeOf(ending.signal.reason) : exitCodes.done;
}

/** No statement is a single word: the shell has split it. */
const isWord = (statement: unknown): boolean =>
  typeof statement === 'string' && /^\w+$/.test(statement.trim());

async function statementOf(given: unknown, input: ProcessContext['input']): Promise<string> {
  if (typeof given !== 'string') throw new UsageError('sql: give one statement, between quotation marks');
  const statement = given === '-' ? await text(input()) : given;
  if (statement.trim() === '') throw new UsageError('sql: the statement is missing');
  if (statement.includes('\0')) throw new UsageError('sql: the statement is not a text');
  return statement;
}

async function withSession(
  destination: Database,
  caFile: string | null,
  waiting: Waiting,
  work: (session: ReadOnlySession) => Promise<void>,
): Promise<void> {
  const { schema } = destination;
  if (destination.kind === 'postgres') {
    return await read({ url: destination.url.reveal(), name: destination.shown, schema, caFile });
  }
  const server = await startEmbeddedServer({ dir: destination.dir, create: false, waiting });
  try {
    await read({ url: await server.readerUrl(), name: `embedded:${destination.dir}`, schema, caFile: null });
  } finally {
    await server.stop();
  }

  async function read(database: SchemaPlace): Promise<void> {
    const session = await ReadOnlySession.open({
      ...database,
      purpose: 'query',
      stop: waiting.stop,
      waiting,
    });
    try {
      await work(session);
    } finally {
      await session.close();
    }
  }
}

function resultOf(
  session: ReadOnlySession,
  statement: string,
  { csv, json }: Readonly<Record<string, unknown>>,
): AsyncIterable<string | Buffer> {
  if (csv) return session.csv(statement);
  return json ? jsonLines(session, statement) : table(session, statement);
}

async function* jsonLines(session: ReadOnlySession, statement: string): AsyncGenerator<string> {
  for await (const { columns, rows } of session.rows(statement, ROWS_AT_ONCE)) {
    const names = columns.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) < i);
    if (twice !== undefined) {
      throw new UsageError(`--json: two columns are called ${twice}; give one another name with "as"`);
    }
    yield rows.map((row) => `${printableJson(jsonOf(columns, row))}\n`).join('');
  }
}

/** One row more than is shown, to know whether there are more. */
async function* table(session: ReadOnlySession, statement: string): AsyncGenerator<string> {
  for await (const { columns, rows } of session.rows(statement, MOST_IN_TABLE + 1)) {
    const shown = rows.slice(0, MOST_IN_TABLE);
    const aligned = columns.map(({ name, kind }) => ({ name, alignRight: kind === 'number' }));
    const count = `${grouped(shown.length)} ${shown.length === 1 ? 'row' : 'rows'}`;
    const more = rows.length > shown.length;
    yield `${textTable(aligned, shown)}(${more ? `the first ${count}; there are more: --csv or --json gives them all` : count})\n`;
    return;
  }
}

/** main.ts handles a result that could no longer be written. */
const exitCodeOf = (ending: unknown): number =>
  ending === 'SIGINT' || ending === 'SIGTERM' ? exitCodes[ending] : exitCodes.done;
