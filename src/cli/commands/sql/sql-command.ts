import { text } from 'node:stream/consumers';
import { databaseOptions } from '../../../config/model/option-sets.ts';
import { readPlace } from '../../../config/read-destination-ref.ts';
import type { QuerySession } from '../../../destinations/contract/kind-database.ts';
import { destinationKind } from '../../../destinations/open/kinds.ts';
import { queryableForms } from '../../../destinations/open/parse-destination.ts';
import { exitCodes } from '../../../errors/exit-codes.ts';
import { printableJson } from '../../../report/text/printable.ts';
import { textTable } from '../../../report/text/text-table.ts';
import { grouped } from '../../../text/format.ts';
import { type CommandArguments, jobFileArgument } from '../../command/command.ts';
import type { ProcessContext } from '../../command/process-context.ts';
import { UsageError } from '../../command/usage-error.ts';
import { waitingToLook } from '../../terminal/waiting-to-look.ts';
import { writeResult } from '../../terminal/write-result.ts';
import { jsonRow } from './query-json.ts';

const MAX_IN_TABLE = 1_000;
const ROWS_AT_ONCE = 500;

/** `chat-export sql`: the result of one query on standard output. */
export async function executeSql(
  flags: CommandArguments,
  { env, cwd, input, out, err, onSignal, reraise }: ProcessContext,
): Promise<number> {
  const file = jobFileArgument(flags);
  if (file !== undefined && isWord(flags.statement)) {
    throw new UsageError(
      `sql: ${file} is one argument too many, or no job file: the statement is one, between quotation marks`,
    );
  }
  const { destination, caFile } = await readPlace({ flags, env, file, cwd }, databaseOptions);
  const { database } = destinationKind(destination);
  if (database === null) {
    throw new UsageError(`sql needs a database: a job that exports into one, or --to ${queryableForms}`);
  }
  if (flags.csv && flags.json) throw new UsageError('--csv and --json exclude each other; keep one of them');
  const statement = await readStatement(flags.statement, input);
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    onSignal(signal, () => (ending.signal.aborted ? reraise(signal) : ending.abort(signal)));
  }
  try {
    const waiting = waitingToLook(ending.signal, { err });
    const session = await database.openSession(destination, { caFile, waiting, stop: ending.signal });
    try {
      await writeResult(out, formatResult(session, statement, flags), ending);
    } finally {
      await session.close();
    }
  } catch (error) {
    if (!ending.signal.aborted) throw error;
  }
  return ending.signal.aborted ? sqlExitCode(ending.signal.reason) : exitCodes.done;
}

/** No statement is a single word: the shell has split it. */
const isWord = (statement: unknown): boolean =>
  typeof statement === 'string' && /^\w+$/.test(statement.trim());

async function readStatement(given: unknown, input: ProcessContext['input']): Promise<string> {
  if (typeof given !== 'string') throw new UsageError('sql: give one statement, between quotation marks');
  const statement = given === '-' ? await text(input()) : given;
  if (statement.trim() === '') throw new UsageError('sql: the statement is missing');
  if (statement.includes('\0')) throw new UsageError('sql: the statement is not a text');
  return statement;
}

function formatResult(
  session: QuerySession,
  statement: string,
  { csv, json }: Readonly<Record<string, unknown>>,
): AsyncIterable<string | Buffer> {
  if (csv) return session.csv(statement);
  return json ? jsonLines(session, statement) : table(session, statement);
}

async function* jsonLines(session: QuerySession, statement: string): AsyncGenerator<string> {
  for await (const { columns, rows } of session.rows(statement, ROWS_AT_ONCE)) {
    const names = columns.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) < i);
    if (twice !== undefined) {
      throw new UsageError(`--json: two columns are called ${twice}; give one another name with "as"`);
    }
    yield rows.map((row) => `${printableJson(jsonRow(columns, row))}\n`).join('');
  }
}

/** One row more than is shown, to know whether there are more. */
async function* table(session: QuerySession, statement: string): AsyncGenerator<string> {
  for await (const { columns, rows } of session.rows(statement, MAX_IN_TABLE + 1)) {
    const shown = rows.slice(0, MAX_IN_TABLE);
    const aligned = columns.map(({ name, kind }) => ({ name, alignRight: kind === 'number' }));
    const count = `${grouped(shown.length)} ${shown.length === 1 ? 'row' : 'rows'}`;
    const more = rows.length > shown.length;
    yield `${textTable(aligned, shown)}(${more ? `the first ${count}; there are more: --csv or --json gives them all` : count})\n`;
    return;
  }
}

/** main.ts handles a result that could no longer be written. */
const sqlExitCode = (ending: unknown): number =>
  ending === 'SIGINT' || ending === 'SIGTERM' ? exitCodes[ending] : exitCodes.done;
