import { readFileSync } from 'node:fs';
import yargs, { type Argv } from 'yargs';
import { printable } from '../report/printable.ts';
import type { Command, Flags } from './command.ts';
import { check } from './commands/check.ts';
import { migrate } from './commands/migrate.ts';
import { run } from './commands/run.ts';
import { runs } from './commands/runs.ts';
import { show } from './commands/show.ts';
import { simulate } from './commands/simulate.ts';
import { sql } from './commands/sql.ts';
import { userSig } from './commands/usersig.ts';
import { verify } from './commands/verify.ts';
import { exitCodes } from './exit-codes.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';
import { usageText } from './usage-text.ts';

/** In the order in which `--help` lists them. */
const commands: readonly Command[] = [run, check, runs, show, verify, userSig, migrate, sql, simulate];

/** Runs the command that the arguments name. @returns the exit code; errors are told on standard error */
export async function runCommandLine(surroundings: Surroundings): Promise<number> {
  const { args, out, err } = surroundings;
  let exitCode: number = exitCodes.done;
  const parser = yargs([...args])
    .scriptName('chat-export')
    .usage('$0 <command>\n\nExport the contact groups of every user of a Tencent Cloud Chat app.')
    .parserConfiguration({
      // `--no-rate` would be 0, `--rate 1e3` a number and a repeated flag its last value: all are for the job to judge.
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
    .help()
    .alias('help', 'h')
    .wrap(Math.min(110, Math.max(60, err.columns ?? 100)))
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new UsageError(usageText(message, args));
    });
  const describe = asksForHelp(args) ? describeAtLength : describeInShort;
  for (const command of commands) {
    const { usage, summary, start } = command;
    parser.command(
      usage,
      summary,
      (yargs) => describe(command, yargs),
      async (flags) => {
        exitCode = await start(flags as Flags, surroundings);
      },
    );
  }
  try {
    await parser.parseAsync([...args], {}, (_error, _argv, output) => {
      if (output !== '') out.write(`${output}\n`);
    });
    return exitCode;
  } catch (error) {
    // yargs' own errors are of what was written.
    const isUsage = error instanceof Error && error.name === 'YError';
    const { failureOf } = await import('./failure.ts');
    const failure = failureOf(isUsage ? new UsageError(usageText(error.message, args)) : error);
    for (const line of failure.lines) err.write(`chat-export: ${lineOf(line, failure.exitCode)}\n`);
    return failure.exitCode;
  }
}

/** A stack keeps its lines; everything else is one line, whatever a name in it holds. Neither gives orders to a terminal. */
const lineOf = (text: string, exitCode: number): string =>
  (exitCode === exitCodes.fault ? text.split('\n') : [text]).map(printable).join('\n');

// yargs lays out the help of every command that it starts, which for all flags takes a tenth of a second.
const asksForHelp = (args: readonly string[]): boolean => args.some((arg) => /^-{0,2}h/.test(arg));

const same = (yargs: Argv): Argv => yargs;

async function describeInShort({ flags, positionals = same }: Command, yargs: Argv): Promise<Argv> {
  const hidden = Object.entries(await flags()).map(([name, flag]) => [name, { ...flag, hidden: true }]);
  return positionals(yargs).options(Object.fromEntries(hidden));
}

async function describeAtLength(
  { flags, positionals = same, examples = [], epilogue = '' }: Command,
  yargs: Argv,
): Promise<Argv> {
  return positionals(yargs)
    .options(await flags())
    .example(examples.map(([commandLine, does]) => [commandLine, does]))
    .epilog(epilogue);
}

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(manifest) as { version: unknown }).version);
}
