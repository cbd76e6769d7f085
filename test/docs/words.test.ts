import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import { expect, test } from 'vitest';
import { askedHelp } from '../../src/cli/asked-help.ts';
import { commands } from '../../src/cli/commands.ts';

const root = resolve(import.meta.dirname, '../..');

/** Words that users do not read, each with the word to use instead. */
const words: readonly (readonly [word: RegExp, instead: string])[] = [
  [/\bmend(?:s|ed|ing)?\b/i, 'fix, correct, retry'],
  [/\bstretch(?:es)?\b/i, 'bucket'],
  [/\b(?:tells?|told|telling) of\b/i, 'reports, shows, describes'],
  [/\b(?:is|are|was|were) no (?:fault|failure|news)\b/i, 'is not an error'],
  [/\b(?:go|goes|going|gone|went) on\b/i, 'resume, continue'],
  [/\b(?:whoever|whomever|somebody|such a one|those who)\b/i, 'name the person or thing'],
  // In code, `nobody` is the account of that name.
  [/(?<!`)\bnobody\b(?!`)/i, 'no user, no one'],
  [/\b(?:comes?|came|coming) along\b/i, 'is bundled'],
  [/\bput off\b/i, 'deferred'],
  [/\bdone with\b/i, 'processed'],
  [/\bworth a look\b|(?<!--)\boddit(?:y|ies)\b/i, 'warnings, anomalies'],
  [/\bleft no word\b/i, 'ended without recording a reason'],
  [/\bcame to a halt\b/i, 'failed'],
  [/\bcan no more be\b|\bno longer knowable\b/i, 'could not be verified'],
  [/\b(?:is|are|was|were|be|goes) away\b|\bis back\b/i, 'unavailable; has recovered'],
  [/\bbegin(?:s|ning)? anew\b/i, 'start over'],
  [/\bforg(?:et|ets|etting|otten)\b/i, 'erase, suppress'],
  [
    /\bonly[-_]failed\b|\b(?:stopped_by|began_at|run_starts|changed_run|opened_by|closed_by|key_check)\b/,
    'the name of today',
  ],
  [
    /\b(?:first|last|next|every|whole|unchanged|earlier|former|the|a) nights? (?:is|are|was|has|ends|that|which|before)\b/i,
    'run',
  ],
];

/** `page:line: word`, of every word of the list in a text. */
const found = (page: string, text: string, list = words): string[] =>
  text.split('\n').flatMap((line, at) =>
    list.flatMap(([word, instead]) => {
      const match = word.exec(line);
      return match === null ? [] : [`${page}:${at + 1}: "${match[0]}": write ${instead}`];
    }),
  );

const inFolder = async (folder: string, ending = ''): Promise<string[]> =>
  (await readdir(join(root, folder)))
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`);

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'dbt/README.md',
  ...(await inFolder('docs', '.md')),
  ...(await inFolder('jobs')),
];

test.each(pages)('%s has none of the words that users do not read', async (page) => {
  expect(found(page, await readFile(join(root, page), 'utf8'))).toEqual([]);
});

test.each(['', ...commands.map(({ name }) => `${name} `)])(
  'nor has chat-export %s--help',
  async (command) => {
    const args = `${command}--help`.split(' ');
    // As one line, since help is wrapped.
    const help = ((await askedHelp(args, commands)) ?? '').replaceAll(/\s+/g, ' ');
    expect(help).not.toBe('');
    expect(found(`chat-export ${args.join(' ')}`, help)).toEqual([]);
  },
);

// `oddities` is an option of the simulator.
const wordsOfCode = words.filter(([, instead]) => instead !== 'warnings, anomalies');

test.each([
  ['a message of the program', 'src', textsIn, words],
  ['a comment of the program', 'src', commentsIn, wordsOfCode],
  ['the name of a test', 'test', testNamesIn, wordsOfCode],
] as const)('nor has %s', async (_, folder, read, list) => {
  const paths = (await readdir(join(root, folder), { recursive: true })).filter((path) =>
    path.endsWith('.ts'),
  );
  expect(paths.length).toBeGreaterThan(100);
  const texts = await Promise.all(
    paths.map(async (path) => {
      const text = await readFile(join(root, folder, path), 'utf8');
      return read(text).flatMap((one) => found(`${folder}/${path}`, one, list));
    }),
  );
  expect(texts.flat()).toEqual([]);
});

/** The texts of several words in a source: literals, and the parts of templates. */
function textsIn(source: string): string[] {
  const texts: string[] = [];
  const take = (text: string | null): unknown => text !== null && /\s/.test(text.trim()) && texts.push(text);
  new Visitor({
    Literal: ({ value }) => void (typeof value === 'string' && take(value)),
    TemplateElement: ({ value }) => void take(value.cooked),
  }).visit(parseSync('source.ts', source).program);
  return texts;
}

/** The comments of a source, each as one line, since they are wrapped. */
function commentsIn(source: string): string[] {
  return parseSync('source.ts', source).comments.map(({ value }) => value.replaceAll(/\s*\n\s*\*?\s*/g, ' '));
}

/** The names of the tests and blocks in a source. */
function testNamesIn(source: string): string[] {
  const names: string[] = [];
  new Visitor({
    CallExpression: ({ start, arguments: [name] }) => {
      if (!/^(?:test|it|describe)/.test(source.slice(start, start + 8))) return;
      if (name?.type === 'Literal' || name?.type === 'TemplateLiteral')
        names.push(source.slice(name.start + 1, name.end - 1));
    },
  }).visit(parseSync('source.ts', source).program);
  return names;
}
