import type { Command } from '../src/cli/command/command.ts';
import type { Flag, Flags } from '../src/cli/command/flag.ts';
import { run } from '../src/cli/commands/run/run.ts';
import { commands } from '../src/cli/commands.ts';
import { argumentName, flagUsage, usageLine } from '../src/cli/help-text.ts';

const HEAD = `# Options

<!-- Written by \`npm run docs\` from what \`--help\` goes by: change it there. -->

Every option of \`run\` is a flag (\`--max-attempts 12\`), a variable (\`CHAT_EXPORT_MAX_ATTEMPTS=12\`) and a key of the job file
(\`max-attempts: 12\`). A flag overrides a variable, a variable the file, and the file the default. Those marked ¹ are decided anew for each
start, so a job file does not hold them. The secrets themselves are variables only: \`CHAT_EXPORT_SECRET_KEY\` and
\`CHAT_EXPORT_USERSIG\`.

In a job file, \`\${NAME}\` takes a variable of the environment, \`$\${\` is a literal \`\${\`, and relative paths start in the
directory of the file. A duration is numbers with units, \`ms\`, \`s\`, \`m\` (or \`min\`), \`h\` and \`d\`, such as \`90s\` or \`1h30m\`;
a share is a percentage with its sign. [job.schema.json](../job.schema.json) is the JSON Schema of job files, by which editors
complete and check them: the first line of the [examples](../jobs/nightly.yaml) names it.
`;

/** The reference of every command, as Markdown. */
export async function optionsPage(): Promise<string> {
  const parts = await Promise.all(commands.map(section));
  return [HEAD, ...parts].join('\n');
}

async function section(command: Command): Promise<string> {
  const flags = await command.flags();
  const { name, summary, examples, notes = [], exits, arguments: taken = [] } = command;
  const lines = [
    `## ${name}`,
    '',
    `\`${usageLine(command)}\``,
    '',
    `${escaped(summary)}.`,
    '',
    '```',
    ...examples.flatMap(([commandLine, does]) => [`# ${does}`, `chat-export ${commandLine}`]),
    '```',
    ...notes.flatMap((note) => ['', escaped(note)]),
    ...(name === run.name
      ? []
      : taken.flatMap((one) => ['', `\`${argumentName(one)}\`: ${escaped(one.describe)}`])),
    '',
    ...(await optionLines(name, flags)),
    '',
    `Exit codes: ${exits.map(([code, description]) => `**${code}** ${description}`).join('; ')}.`,
    '',
  ];
  return lines.join('\n');
}

/** Tables of its options; for a command with a job's options, only its own. */
async function optionLines(name: string, flags: Flags): Promise<string[]> {
  const ofJob = Object.keys(await run.flags());
  const taken = Object.keys(flags).filter((flag) => ofJob.includes(flag));
  if (name === run.name || taken.length < ofJob.length / 2) return tables(flags);
  const own = Object.entries(flags).filter(([flag]) => !ofJob.includes(flag));
  const others =
    taken.length === ofJob.length
      ? 'It takes the options of [run](#run).'
      : 'It takes those options of [run](#run), too, that a job file may hold.';
  return own.length === 0 ? [others] : [...tables(Object.fromEntries(own)), '', others];
}

function tables(flags: Flags): string[] {
  const groups = [...new Set(Object.values(flags).map(({ group }) => group))];
  return groups.flatMap((group, i) => [
    ...(i === 0 ? [] : ['']),
    `| ${group} | default | values | |`,
    '|---|---|---|---|',
    ...Object.entries(flags)
      .filter(([, flag]) => flag.group === group)
      .map(([name, flag]) => row(name, flag)),
  ]);
}

function row(name: string, flag: Flag): string {
  const { unit = '', range, choices, describe, isOfStart } = flag;
  const values =
    choices === undefined ? `${range ?? ''} ${unit}`.trim() : choices.map((one) => `\`${one}\``).join(', ');
  const cells = [
    `\`${flagUsage(name, flag)}\`${isOfStart ? ' ¹' : ''}`,
    flag.default === undefined ? '' : `\`${flag.default}\``,
    values,
    describe,
  ];
  return `| ${cells.map(escaped).join(' | ')} |`;
}

/** Text as a cell of a table. */
const escaped = (text: string): string => text.replaceAll('|', '\\|');
