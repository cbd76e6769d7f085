import { wrapped, wrappedCommand } from '../report/text/wrapped.ts';
import type { Argument, Command } from './command/command.ts';
import type { ExitLine } from './command/exit-meanings.ts';
import { defaultText, type Flag, type Flags } from './command/flag.ts';

const PROGRAM = 'chat-export';
/** The column where descriptions of flags begin, after the longest flag. */
const COLUMN = 28;
const NARROWEST = 60;
const WIDEST = 110;

/** The help of the program itself, for a screen of this many columns. */
export function programHelp(commands: readonly Command[], columns: number): string {
  const width = helpWidth(columns);
  return sections([
    `${PROGRAM} COMMAND [OPTIONS]`,
    'Export the contact groups of every user of a Tencent Cloud Chat app.',
    ['Commands:', ...commands.flatMap(({ name, summary }) => entry(name, summary, width, 12))],
    [
      'Examples:',
      ...commands.flatMap(({ examples }) => examples.slice(0, 1).flatMap((one) => example(one, width))),
    ],
    `Run ${PROGRAM} COMMAND --help for details; --version prints the version.`,
  ]);
}

/** The help of one command: its purpose, examples, options in groups, exit codes. */
export function commandHelp(command: Command, flags: Flags, columns: number): string {
  const width = helpWidth(columns);
  const { summary, examples, notes = [], exits } = command;
  const groups = [...new Set(Object.values(flags).map(({ group }) => group))];
  return sections([
    wrapped(usageLine(command), width),
    wrapped(`${summary}.`, width),
    ['Examples:', ...examples.flatMap((one) => example(one, width))],
    argumentLines(command.arguments ?? [], width),
    ...groups.map((group) => [
      `${group}:`,
      ...Object.entries(flags)
        .filter(([, flag]) => flag.group === group)
        .flatMap(([name, flag]) => entry(flagUsage(name, flag), flagText(flag), width)),
    ]),
    ...notes.map((note) => wrapped(note, width)),
    Object.values(flags).some(({ placeholder }) => placeholder === 'DURATION')
      ? wrapped('A DURATION is a number with a unit (ms, s, m, h or d), or several: 90s, 1h30m.', width)
      : [],
    exitLines(exits, width),
  ]);
}

/** `chat-export show RUN [JOB] [OPTIONS]` */
export const usageLine = ({ name, arguments: taken = [] }: Command): string =>
  [
    PROGRAM,
    name,
    ...taken.map((one) => (one.isRequired ? argumentName(one) : `[${argumentName(one)}]`)),
    '[OPTIONS]',
  ].join(' ');

/** `--rate N` */
export const flagUsage = (name: string, { placeholder }: Flag): string =>
  placeholder === undefined ? `--${name}` : `--${name} ${placeholder}`;

/** The description of an argument in help. */
export const argumentName = ({ name, choices }: Argument): string => choices?.join('|') ?? name.toUpperCase();

const helpWidth = (columns: number): number => Math.min(WIDEST, Math.max(NARROWEST, columns));

function flagText(flag: Flag): string {
  const choices = flag.choices === undefined ? '' : `One of ${flag.choices.join(', ')}.`;
  return [flag.describe, choices, defaultText(flag)].filter((part) => part !== '').join(' ');
}

function argumentLines(taken: readonly Argument[], width: number): string[] {
  if (taken.length === 0) return [];
  return ['Arguments:', ...taken.flatMap((one) => entry(argumentName(one), one.describe, width))];
}

const exitLines = (exits: readonly ExitLine[], width: number): string[] => [
  'Exit codes:',
  ...exits.flatMap(([code, meaning]) => entry(String(code), meaning, width, 7)),
];

/** A command, and below it its effect. */
const example = ([commandLine, does]: Command['examples'][number], width: number): string[] => [
  ...wrappedCommand(`  ${PROGRAM} ${commandLine}`, width),
  ...(does === '' ? [] : wrapped(does, width - 6).map((line) => `      ${line}`)),
];

/** A name, and its description beside it. */
function entry(name: string, says: string, width: number, column = COLUMN): string[] {
  const lines = wrapped(says, width - column);
  const head = `  ${name}`;
  const beside = head.length < column - 1;
  return [
    ...(beside ? [] : [head]),
    ...lines.map((line, i) => (beside && i === 0 ? head.padEnd(column) : ' '.repeat(column)) + line),
  ];
}

/** Sections with an empty line between them. The last line ends with LF. */
const sections = (parts: readonly (string | readonly string[])[]): string =>
  `${parts
    .map((part) => (typeof part === 'string' ? part : part.join('\n')))
    .filter((part) => part !== '')
    .join('\n\n')}\n`;
