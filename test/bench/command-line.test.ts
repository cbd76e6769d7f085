import { expect, test } from 'vitest';
import { readCommand } from '../../bench/command-line.ts';

const first = { name: 'first', summary: 'one thing' };
const second = { name: 'second', summary: 'another thing' };
const rare = { name: 'rare', summary: 'a thing that takes long', onlyWhenNamed: true } as const;
const benches = [first, second, rare];
const LIST = benches.map(({ name, summary }) => `  ${name.padEnd(14)} ${summary}\n`).join('');

test('an unknown option is one line, and the list of benches', () => {
  expect(readCommand(['first', '--fast'], benches)).toEqual({
    kind: 'wrong',
    text: `Unknown option '--fast'; there are these benches:\n${LIST}`,
  });
  expect(readCommand(['--results'], benches)).toMatchObject({
    kind: 'wrong',
    text: expect.stringMatching(/^Option '--results <value>' argument missing; .*\n {2}first /),
  });
});

test('an unknown bench is one line, and the list of benches', () => {
  expect(readCommand(['first', 'third'], benches)).toEqual({
    kind: 'wrong',
    text: `no bench is called third; there are these benches:\n${LIST}`,
  });
});

test.each(['--help', '-h'])('%s gives the usage and the list of benches', (flag) => {
  expect(readCommand(['third', flag], benches)).toEqual({
    kind: 'help',
    text: expect.stringMatching(/^npm run bench -- .*\n\n {2}first {10}one thing\n/),
  });
});

test('without a name all benches run but the rare ones, and with --write alone none', () => {
  expect(readCommand([], benches)).toMatchObject({ kind: 'run', chosen: [first, second], quick: false });
  expect(readCommand(['rare', '--quick'], benches)).toMatchObject({ chosen: [rare], quick: true });
  expect(readCommand(['--write'], benches)).toMatchObject({ chosen: [], write: true });
  expect(readCommand(['--write', 'second'], benches)).toMatchObject({ chosen: [second], write: true });
});

test('rough figures are not written into the page', () => {
  expect(readCommand(['--write', '--quick'], benches)).toMatchObject({ kind: 'wrong' });
});
