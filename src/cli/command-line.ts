import { readFileSync } from 'node:fs';
import yargs from 'yargs';
import { optionNames } from '../job/options.ts';
import { didYouMean } from '../job/suggestion.ts';
import { printable } from '../report/printable.ts';
import { exitCodes } from './exit-codes.ts';
import { destinationFlags, placeFlags, runFlags, signerFlags, sqlFlags } from './flags.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';

type Flags = Readonly<Record<string, unknown>>;

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
    .command(
      'run [job]',
      'Export: read the user list, pull every user, write the rows',
      (command) =>
        command
          .positional('job', { type: 'string', describe: 'A job file (YAML)' })
          .options(runFlags())
          .example('$0 run nightly.yaml', 'Run a job, or go on with it')
          .example('$0 run --users users.txt --to csv:export --region singapore --sdk-app-id 1400000000', '')
          .epilog(
            'Every option is also a variable (--sdk-app-id: CHAT_EXPORT_SDK_APP_ID) and a key of the job file.\n' +
              'Exit: 0 all exported, 1 a fault of the program, 2 wrong command, job or list, 3 some users failed, 4 API, 5 destination,\n' +
              '8 another run at work, 130 and 143 interrupted. After 4, 5, 130 and 143 the same command goes on.',
          ),
      async (argv) => {
        const { runExport } = await import('./run-command.ts');
        exitCode = await runExport(argv as Flags, surroundings);
      },
    )
    .command(
      'check [job]',
      'Try all that a run needs, and say what it would cost; writes nothing',
      (command) =>
        command
          .positional('job', { type: 'string', describe: 'A job file (YAML)' })
          .options(runFlags())
          .example('$0 check nightly.yaml', '')
          .epilog(
            'Exit: that of a run for the first cross, 0 without one; 2 also when nobody of the sample is in the app.\n' +
              'Makes no call while a run is at work in the destination; a run into another one cannot be seen.',
          ),
      async (argv) => {
        const { check } = await import('./check-command.ts');
        exitCode = await check(argv as Flags, surroundings);
      },
    )
    .command(
      'runs [job]',
      'List what has run in a destination, the newest first',
      (command) =>
        command
          .positional('job', { type: 'string', describe: 'A job file (YAML): lists the runs of this job' })
          .option('last', {
            type: 'string',
            requiresArg: true,
            describe: 'How many runs to list',
            defaultDescription: '20',
          })
          .options(placeFlags())
          .example('$0 runs --to csv:export', '')
          .example('$0 runs nightly.yaml --json', 'The last runs of a job, for a program'),
      async (argv) => {
        const { runs } = await import('./runs-command.ts');
        exitCode = await runs(argv as Flags, surroundings);
      },
    )
    .command(
      'show <run> [job]',
      'Show one run whole, with the users who were not exported',
      (command) =>
        command
          .positional('run', { type: 'string', describe: 'The number of the run', demandOption: true })
          .positional('job', { type: 'string', describe: 'A job file (YAML), for its destination' })
          .options(placeFlags())
          .example('$0 show 7 nightly.yaml', '')
          .example('$0 show 7 --to csv:export --json', 'With every user who was not exported'),
      async (argv) => {
        const { show } = await import('./runs-command.ts');
        exitCode = await show(argv as Flags, surroundings);
      },
    )
    .command(
      'usersig [job]',
      'Print a UserSig, for trying a call by hand',
      (command) =>
        command
          .positional('job', { type: 'string', describe: 'A job file (YAML), for its app and key' })
          .option('lifetime', {
            type: 'string',
            requiresArg: true,
            describe: 'How long it is valid, as a duration up to 180d',
            defaultDescription: '1h',
          })
          .options(signerFlags())
          .example('$0 usersig --sdk-app-id 1400000000 --secret-key-file key --lifetime 10m', ''),
      async (argv) => {
        const { userSig } = await import('./usersig-command.ts');
        exitCode = await userSig(argv as Flags, surroundings);
      },
    )
    .command(
      'migrate <action>',
      'Bring the database schema up to date, say what it lacks, or print that as SQL',
      (command) =>
        command
          .positional('action', { type: 'string', choices: ['up', 'status', 'sql'], demandOption: true })
          .options(destinationFlags()),
      async (argv) => {
        const { migrate } = await import('./migrate-command.ts');
        exitCode = await migrate(argv as Flags, surroundings);
      },
    )
    .command(
      'sql <statement>',
      'Query a database destination',
      (command) =>
        command
          .positional('statement', {
            type: 'string',
            describe: 'One statement that reads, between quotation marks; - reads it from standard input',
          })
          // Without this, - would be an empty text.
          .nargs('statement', 1)
          .options(sqlFlags())
          .example('$0 sql "select * from stale_users" --to embedded:trial', 'At most 1,000 rows, for people')
          .example('$0 sql "select * from memberships" --to embedded:trial --csv', 'All rows, for programs'),
      async (argv) => {
        const { querySql } = await import('./sql-command.ts');
        exitCode = await querySql(argv as Flags, surroundings);
      },
    )
    .command(
      'simulate',
      'Run a local stand-in for the API',
      async (command) => {
        const { simulateFlags } = await import('./simulate-flags.ts');
        return command
          .options(simulateFlags())
          .example(
            '$0 simulate --port 8099 --users 2000 --truth truth',
            'Serve 2,000 users; write their true rows',
          )
          .example('$0 simulate --faults "{50004: 0.01, reset: 0.005}" --latency "[20, 100]"', '')
          .example('$0 simulate --script "[{fault: down, seconds: [10, 70]}]"', 'An outage of a minute')
          .example(
            '$0 simulate --other-calls 100 --other-calls-seconds "[10, 70]"',
            'Somebody else uses half of the quota for a minute',
          );
      },
      async (argv) => {
        const { simulate } = await import('./simulate-command.ts');
        exitCode = await simulate(argv as Flags, surroundings);
      },
    )
    .demandCommand(1, 'a command is missing; chat-export --help lists them')
    .strict()
    .strictCommands()
    .version(version())
    .help()
    .alias('help', 'h')
    .wrap(Math.min(110, Math.max(60, err.columns ?? 100)))
    .exitProcess(false)
    .fail((message, error) => {
      // What yargs itself complains of; anything else comes out of a command.
      if (error === undefined || error.name === 'YError') {
        throw new UsageError(usageText(message ?? error.message, args));
      }
      throw error;
    });
  try {
    await parser.parseAsync([...args], {}, (_error, _argv, output) => {
      if (output !== '') out.write(`${output}\n`);
    });
    return exitCode;
  } catch (error) {
    const { failureOf } = await import('./failure.ts');
    const failure = failureOf(error);
    for (const line of failure.lines) err.write(`chat-export: ${lineOf(line, failure.exitCode)}\n`);
    return failure.exitCode;
  }
}

/** What yargs says of a wrong command line, in one line that says what to write. */
function usageText(said: string, args: readonly string[]): string {
  const unknown = /^Unknown (?:arguments?|commands?): ([^\s,]+)/.exec(said)?.[1];
  if (unknown === 'secret-key') {
    return '--secret-key does not exist: everybody on this machine could read it; use --secret-key-file FILE or CHAT_EXPORT_SECRET_KEY';
  }
  if (unknown !== undefined && args.some((arg) => arg.startsWith(`--${unknown}`))) {
    return `--${unknown}: there is no such option${didYouMean(unknown, optionNames)}; chat-export ${args[0]} --help lists them`;
  }
  if (unknown !== undefined && args[0] === 'sql') {
    return `sql: ${unknown} is one argument too many; put the statement between quotation marks`;
  }
  if (unknown !== undefined)
    return `${unknown}: there is no such command, or it takes no such argument; see chat-export --help`;
  if (said.startsWith('Not enough non-option arguments')) {
    return `chat-export ${args.join(' ')}: an argument is missing; see chat-export ${args[0]} --help`;
  }
  return said.replace(/\s*\n\s*/g, ' ');
}

/** A stack keeps its lines; everything else is one line, whatever a name in it holds. */
const lineOf = (text: string, exitCode: number): string =>
  exitCode === exitCodes.fault ? text : printable(text);

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(manifest) as { version: unknown }).version);
}
