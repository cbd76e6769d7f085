import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { exitCodes } from '../../../errors/exit-codes.ts';
import { errorText } from '../../../errors/system-error.ts';
import { printable } from '../../../report/text/printable.ts';
import { writeExpected } from '../../../simulator/content/expected-files.ts';
import { readOptions, SimulatorOptionsError } from '../../../simulator/options/read-options.ts';
import { startSimulator } from '../../../simulator/simulator.ts';
import type { ProcessContext } from '../../command/process-context.ts';
import { UsageError } from '../../command/usage-error.ts';
import { flaggedOptionNames, simulatorFlag } from './simulate-flags.ts';

/** `chat-export simulate`: serves until it is interrupted, then prints a report of the calls. */
export async function executeSimulate(
  flags: Readonly<Record<string, unknown>>,
  { cwd, out, err, onSignal }: ProcessContext,
): Promise<number> {
  const given: Record<string, unknown> = await fromFile(flags.options, cwd);
  for (const name of flaggedOptionNames) {
    const text = flags[simulatorFlag(name)];
    if (text === undefined) continue;
    if (typeof text !== 'string') throw new UsageError(`--${simulatorFlag(name)}: given twice; give it once`);
    given[name] = parseYaml(text, `--${simulatorFlag(name)}`);
  }
  const options = checkedOptions(given);
  const { expected } = flags;
  if (expected !== undefined && typeof expected !== 'string')
    throw new UsageError('--expected: given twice; give it once');
  const simulator = await startSimulator(options).catch((error: NodeJS.ErrnoException) => {
    if (error.syscall !== 'listen') throw error;
    throw new UsageError(
      `--port ${options.port}: cannot listen there: ${errorText(error)}; choose another port`,
    );
  });
  // After the port is open, so that the files of another simulator on that port stay.
  if (expected !== undefined) {
    const directory = resolve(cwd, expected);
    await writeExpected(directory, options).catch(async (error: NodeJS.ErrnoException) => {
      await simulator.close();
      throw new UsageError(
        `--expected ${expected}: cannot write there: ${errorText(error)}; choose another directory`,
      );
    });
    err.write(`the user list and the expected rows are in ${printable(directory)}\n`);
  }
  const ended = new Promise<void>((end) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) onSignal(signal, end);
  });
  // A process that reads this line may send a signal at once.
  err.write(`listening on ${simulator.url}, app ${options.sdkAppId}, ${options.users} users\n`);
  await ended;
  const report = simulator.report();
  await simulator.close();
  out.write(`${JSON.stringify(report)}\n`);
  return exitCodes.done;
}

/** The simulator shares no code with the program, and so has an error of its own. */
function checkedOptions(given: Readonly<Record<string, unknown>>): ReturnType<typeof readOptions> {
  try {
    return readOptions(given);
  } catch (error) {
    if (!(error instanceof SimulatorOptionsError)) throw error;
    throw new UsageError(error.message.split('\n'));
  }
}

async function fromFile(path: unknown, cwd: string): Promise<Record<string, unknown>> {
  if (path === undefined) return {};
  if (typeof path !== 'string') throw new UsageError('--options: give one file');
  let text: string;
  try {
    text = await readFile(resolve(cwd, path), 'utf8');
  } catch (error) {
    throw new UsageError(`--options ${path}: ${errorText(error, 'the file')}`);
  }
  const value = parseYaml(text, `--options ${path}`);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(`--options ${path}: expected a file of "option: value" lines`);
  }
  return { ...value };
}

function parseYaml(text: string, where: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new UsageError(
      `${where}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`,
    );
  }
}
