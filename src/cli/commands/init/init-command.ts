import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { jobText } from '../../../config/job-text.ts';
import { JobError } from '../../../config/model/job-error.ts';
import { secretVariables } from '../../../config/model/options.ts';
import { isSet } from '../../../config/parse/interpolation.ts';
import { exitCodes } from '../../../errors/exit-codes.ts';
import { errorText, systemCode } from '../../../errors/system-error.ts';
import { printable } from '../../../report/text/printable.ts';
import type { CommandArguments } from '../../command/command.ts';
import type { ProcessContext } from '../../command/process-context.ts';
import { UsageError } from '../../command/usage-error.ts';
import { exitCodeOfSignal } from '../../terminal/stop-on-signals.ts';
import { type Draft, problemWith, readDraft } from './draft.ts';
import { fileComments, fileValues } from './file-values.ts';
import { questions, suggested } from './questions.ts';

const DEFAULT_FILE = 'nightly.yaml';

const SCHEMA = fileURLToPath(new URL('../../../../job.schema.json', import.meta.url));

/** `chat-export init`: writes a job file from flags and, on a terminal, from answers. */
export async function executeInit(given: CommandArguments, surroundings: ProcessContext): Promise<number> {
  const { env, cwd, err } = surroundings;
  const file = typeof given.file === 'string' ? given.file : DEFAULT_FILE;
  const path = resolve(cwd, file);
  const isForced = given.force === true;
  // Before the first question.
  if (!isForced && existsSync(path)) throw alreadyThere(file);
  if (!existsSync(dirname(path)))
    throw new UsageError(`${file}: its directory does not exist; create it first`);
  const { draft: known, problems } = readDraft(given, env);
  if (problems.length > 0) throw new JobError(problems);
  const draft = suggested(known);
  const asked = questions.filter(({ isOpen }) => isOpen(draft));
  const must = asked.flatMap(({ missing }) => missing ?? []);
  if (must.length === 0) {
    await write(draft, { file, path, cwd, isForced });
    return await next({ file, draft, isReported: false, mayCheck: given.check === true }, surroundings);
  }
  if (!isOnTerminal(surroundings)) throw new JobError(must);

  const { DialogueLeft, openPrompts } = await import('./prompts.ts');
  const stop = stopSignal(surroundings);
  const prompts = openPrompts(surroundings, stop);
  let answered = draft;
  try {
    err.write(`A new job file: ${printable(file)}. Ctrl+C cancels without writing it.\n`);
    for (const { isOpen, ask } of questions) {
      if (!isOpen(answered)) continue;
      answered = await ask(
        { ...prompts, problemWith: (name, text) => problemWith(name, text, env) },
        answered,
      );
    }
  } catch (error) {
    if (!(error instanceof DialogueLeft)) throw error;
    err.write('nothing was written\n');
    return stop.aborted ? exitCodeOfSignal(stop) : exitCodes.SIGINT;
  }
  await write(answered, { file, path, cwd, isForced });
  const mayAsk = given.check !== true && !lacksKey(answered, env);
  const mayCheck = mayAsk
    ? await prompts.yes(`${file} is written. Try it now, with a few calls?`)
    : given.check === true;
  return await next({ file, draft: answered, isReported: mayAsk, mayCheck }, surroundings);
}

/** Ends the dialogue. Code after it listens to signals by itself. */
function stopSignal({ onSignal }: ProcessContext): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) onSignal(signal, () => stop.abort(signal));
  return stop.signal;
}

/** Whether the key is expected in its variable, and the variable is empty. */
const lacksKey = ({ keyInVariable }: Draft, env: ProcessContext['env']): boolean =>
  keyInVariable && !isSet(secretVariables.secretKey, env);

type Target = {
  readonly file: string;
  readonly path: string;
  readonly cwd: string;
  readonly isForced: boolean;
};

async function write(draft: Draft, { file, path, cwd, isForced }: Target): Promise<void> {
  const dir = dirname(path);
  const text = jobText({
    file,
    values: fileValues(draft, cwd, dir),
    comments: fileComments(draft),
    schema: schemaFrom(dir),
  });
  try {
    await writeFile(path, text, { flag: isForced ? 'w' : 'wx' });
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw alreadyThere(file);
    throw new UsageError(
      `${file}: the job file cannot be written: ${errorText(error, 'its directory')}; name another file`,
    );
  }
}

const alreadyThere = (file: string): UsageError =>
  new UsageError(`${file}: the file exists; name another one, or overwrite it with --force`);

/** The path of the schema for an editor, seen from a file in `dir`; null when the package is incomplete. */
function schemaFrom(dir: string): string | null {
  if (!existsSync(SCHEMA)) return null;
  const below = relative(dir, SCHEMA);
  const path = below.startsWith('..') ? SCHEMA : below;
  // An editor takes it for the end of the path.
  return /\s/.test(path) ? pathToFileURL(SCHEMA).href : path;
}

function isOnTerminal({ input, err, env }: ProcessContext): boolean {
  const stream = input();
  return 'isTTY' in stream && stream.isTTY === true && err.isTTY === true && env.TERM !== 'dumb';
}

type Written = {
  readonly file: string;
  readonly draft: Draft;
  /** Whether the user was informed that the file is written. */
  readonly isReported: boolean;
  readonly mayCheck: boolean;
};

async function next(
  { file, draft, isReported, mayCheck }: Written,
  surroundings: ProcessContext,
): Promise<number> {
  const { env, err } = surroundings;
  const mustExport = lacksKey(draft, env);
  if (mayCheck && !mustExport) {
    if (!isReported) err.write(`${printable(file)} is written\n`);
    const { executeCheck: check } = await import('../check/check-command.ts');
    return await check({ job: file }, surroundings);
  }
  const lines = [
    `${file} is written.${mayCheck ? ' It can be checked once the key is in its variable.' : ''} Next:`,
    ...(mustExport ? ['  export CHAT_EXPORT_SECRET_KEY=…'] : []),
    `  chat-export check ${file}     validates the job; read-only`,
    `  chat-export run ${file}       exports`,
  ];
  for (const line of lines) err.write(`${printable(line)}\n`);
  return exitCodes.done;
}
