import { describe, expect, test } from 'vitest';
import { askedHelp } from '../../src/cli/asked-help.ts';
import { runExits } from '../../src/cli/command/exit-meanings.ts';
import { commands } from '../../src/cli/commands.ts';
import { optionList } from '../../src/config/model/options.ts';
import { exitCodes } from '../../src/errors/exit-codes.ts';
import { runHere } from '../support/command-line.ts';

const helpOf = async (args: readonly string[], columns?: number): Promise<string> =>
  (await askedHelp(args, commands, columns)) ?? '';

/** Without line ends and the spaces beside them. */
const flowing = (text: string): string => text.replaceAll(/\s+/g, ' ');

describe.each(commands.map((command) => [command.name, command] as const))('%s --help', (name, command) => {
  test.each([80, 140])('keeps to a screen of %i columns, and to lines that can be read', async (columns) => {
    const lines = (await helpOf([name, '--help'], columns)).split('\n');
    expect(lines.filter((line) => line.length > Math.min(columns, 110))).toEqual([]);
    expect(lines.filter((line) => line.endsWith(' '))).toEqual([]);
  });

  test('shows usage, what it does, examples, options and exit codes, in this order', async () => {
    const help = await helpOf([name, '--help']);
    const flags = await command.flags();
    const [firstGroup = ''] = Object.values(flags).map(({ group }) => group);
    const order = [
      `chat-export ${name}`,
      command.summary.slice(0, 30),
      '\nExamples:\n',
      `\n${firstGroup}:\n`,
      '\nExit codes:\n',
    ];
    const places = order.map((part) => help.indexOf(part));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(help.startsWith(order[0] ?? '')).toBe(true);
  });

  test('lists every option with its default and unit', async () => {
    const help = flowing(await helpOf([name, '--help']));
    for (const [flag, { describe, placeholder, default: value, unit }] of Object.entries(
      await command.flags(),
    )) {
      expect(help).toContain(placeholder === undefined ? `--${flag} ` : `--${flag} ${placeholder} `);
      const defaultSaid = value === undefined ? '' : ` Default: ${value}`;
      expect(help).toContain(flowing(describe));
      expect(help).toContain(defaultSaid);
      if (value !== undefined && unit !== undefined && !value.endsWith('%')) {
        expect(help).toContain(`${defaultSaid} ${unit}.`);
      }
    }
  });

  test('has examples whose flags exist', async () => {
    const flags = Object.keys(await command.flags());
    expect(command.examples.length).toBeGreaterThan(0);
    for (const [commandLine] of command.examples) {
      expect(commandLine.split(' ')[0]).toBe(name);
      const used = [...commandLine.matchAll(/(?<= )--([a-z-]+)/g)].map(([, flag]) => flag);
      expect(used.filter((flag) => !flags.includes(flag ?? ''))).toEqual([]);
    }
  });
});

test('the options of run are those of a job', async () => {
  const run = commands.find(({ name }) => name === 'run');
  expect(Object.keys((await run?.flags()) ?? {})).toEqual(optionList.map(({ name }) => name));
});

test('run lists every exit code', () => {
  expect(runExits.map(([code]) => code)).toEqual(Object.values(exitCodes));
});

test('the help of the program lists every command, with an example of each', async () => {
  const help = await helpOf(['--help'], 80);
  for (const { name, summary } of commands) {
    expect(flowing(help)).toContain(` ${name} ${summary}`);
    expect(help).toContain(`\n  chat-export ${name}`);
  }
  expect(help.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test.each([
  [['--help'], '--help'],
  [['-h'], '--help'],
  [['help'], '--help'],
])('%j is the same help, on standard output', async (args) => {
  const help = await runHere(args);
  expect(help).toEqual({ code: 0, signal: null, stdout: await helpOf(['--help']), stderr: '' });
});

test.each([[['run', '-h']], [['help', 'run']], [['run', 'nightly.yaml', '--to', 'csv:export', '--help']]])(
  '%j is the help of run',
  async (args) => {
    expect((await runHere(args)).stdout).toBe(await helpOf(['run', '--help']));
  },
);

test('help for a command that does not exist ends with 2', async () => {
  expect(await runHere(['rnu', '--help'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'chat-export: rnu: there is no such command; see chat-export --help\n',
  });
});
