import { readFileSync } from 'node:fs';
import type { Argv } from 'yargs';
import { exitCodes } from '../errors/exit-codes.ts';
import { errorText, systemCode, systemHint } from '../errors/system-error.ts';
import { printable } from '../report/text/printable.ts';
import { askedHelp } from './asked-help.ts';
import type { Command, CommandArguments } from './command/command.ts';
import type { ProcessContext } from './command/process-context.ts';
import { UsageError } from './command/usage-error.ts';
import { commands } from './commands.ts';
import { usageText } from './usage-text.ts';

/** Runs the command named by the arguments. @returns the exit code; errors are printed on standard error */
export async function runCommandLine(surroundings: ProcessContext): Promise<number> {
  const { args, out, err } = surroundings;
  try {
    const help = await askedHelp(args, commands, err.columns);
    if (help !== undefined) {
      out.write(help);
      return exitCodes.done;
    }
    return await runCommand(surroundings);
  } catch (error) {
    if (isOutOfFiles(error)) {
      // Modules that are loaded only now could not be loaded.
      err.write(`chat-export: ${errorText(error)}; ${systemHint(error)}\n`);
      return exitCodes.usage;
    }
    const { asFailure } = await import('./command/failure.ts');
    const failure = asFailure(isOfYargs(error) ? await asUsageError(error, args) : error);
    for (const line of failure.lines) err.write(`chat-export: ${printableText(line, failure.exitCode)}\n`);
    return failure.exitCode;
  }
}

/** The limit of open files, of the system or of this process, is reached. The program's own modules cannot be loaded then. */
const isOutOfFiles = (error: unknown): boolean => ['EMFILE', 'ENFILE'].includes(systemCode(error) ?? '');

// The name of yargs' own errors, which concern the command line.
const YARGS = 'YError';

const isOfYargs = (error: unknown): error is Error => error instanceof Error && error.name === YARGS;

async function asUsageError({ message }: Error, args: readonly string[]): Promise<UsageError> {
  const command = commands.find(({ name }) => name === args[0]);
  return new UsageError(usageText(message, args, Object.keys((await command?.flags()) ?? {})));
}

/** Reads the arguments, and runs the command. @returns the exit code */
async function runCommand(surroundings: ProcessContext): Promise<number> {
  const { args, out } = surroundings;
  let exitCode: number = exitCodes.done;
  // Loading yargs takes longer than everything that help needs.
  const { default: yargs } = await import('yargs');
  const parser = yargs([...args])
    .scriptName('chat-export')
    .parserConfiguration({
      // `--no-rate` would be 0, `--rate 1e3` a number and a repeated flag its last value. The job checks all of these.
      'boolean-negation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'camel-case-expansion': false,
      'dot-notation': false,
    })
    .demandCommand(1, 'a command is missing; chat-export --help lists them')
    .strict()
    .strictCommands()
    .version(version())
    .help(false)
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? Object.assign(new Error(message), { name: YARGS });
    });
  for (const command of commands) {
    parser.command(
      usage(command),
      command.summary,
      (yargs) => describe(command, yargs),
      async (given) => {
        exitCode = await command.start(given as CommandArguments, surroundings);
      },
    );
  }
  await parser.parseAsync([...args], {}, (_error, _argv, output) => {
    if (output !== '') out.write(`${output}\n`);
  });
  return exitCode;
}

/** A stack keeps its lines. Any other message is one line, whatever a name in it contains. Neither can control a terminal. */
const printableText = (text: string, exitCode: number): string =>
  (exitCode === exitCodes.fault ? text.split('\n') : [text]).map(printable).join('\n');

/** `show <run> [job]`, in yargs' notation. */
const usage = ({ name, arguments: taken = [] }: Command): string =>
  [name, ...taken.map((one) => (one.isRequired ? `<${one.name}>` : `[${one.name}]`))].join(' ');

/** Describes a command's arguments to yargs. Texts only, and no defaults: the command interprets them. */
async function describe({ flags, arguments: taken = [] }: Command, yargs: Argv): Promise<Argv> {
  let described = yargs;
  for (const { name, choices, isRequired } of taken) {
    described = described.positional(name, { type: 'string', ...(choices ? { choices } : {}) });
    // Without this, - would be an empty text.
    if (isRequired) described = described.nargs(name, 1);
  }
  for (const [name, { placeholder }] of Object.entries(await flags())) {
    // Without requiresArg, `--users -` would be an empty text. yargs also formats its own help in advance, which for all flags
    // takes a tenth of a second.
    const value =
      placeholder === undefined
        ? { type: 'boolean' as const }
        : { type: 'string' as const, requiresArg: true };
    described = described.option(name, { ...value, hidden: true });
  }
  return described;
}

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(manifest) as { version: unknown }).version);
}
