import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runExits } from '../../src/cli/command/exit-meanings.ts';
import { commands } from '../../src/cli/commands.ts';

const root = resolve(import.meta.dirname, '../..');
const docs = (await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md'));
const atTheRoot = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'];
const pages = [...atTheRoot, ...docs.map((name) => `docs/${name}`)];
const read = (page: string): Promise<string> => readFile(join(root, page), 'utf8');

/** The anchors of a page's headings, as GitHub makes them. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** The command lines of a page's blocks of code. */
const commandLinesOf = (text: string): string[] =>
  [...text.matchAll(/^```\n([\s\S]*?)^```$/gm)]
    .flatMap(([, block = '']) => block.split('\n'))
    .map((line) => line.replace(/^node dist\/cli\/main\.js/, 'chat-export'))
    .filter((line) => line.startsWith('chat-export '));

describe.each(pages)('%s', (page) => {
  test('has links that lead somewhere', async () => {
    const links = [...(await read(page)).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(
      ([, link = '']) => link,
    );
    for (const link of links) {
      const [file = '', anchor] = link.split('#');
      const path = file === '' ? page : join(dirname(page), file);
      expect(existsSync(join(root, path)), `${link} is there`).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(await read(path)), link).toContain(anchor);
    }
  });

  test('names files that exist', async () => {
    const paths = [...(await read(page)).matchAll(/`((?:src|test|jobs|dbt|migrations)\/[\w./-]+)`/g)].map(
      ([, path = '']) => path,
    );
    expect(paths.filter((path) => !path.includes('NAME') && !existsSync(join(root, path)))).toEqual([]);
  });

  test('has commands that exist, with flags that they take', async () => {
    for (const line of commandLinesOf(await read(page))) {
      const [, name = ''] = line.split(' ');
      const command = commands.find((one) => one.name === name);
      expect(command, line).toBeDefined();
      const known = Object.keys((await command?.flags()) ?? {});
      const used = [...line.replace(/ # .*$/, '').matchAll(/ --([a-z-]+)/g)].map(([, flag = '']) => flag);
      expect(
        used.filter((flag) => !known.includes(flag)),
        line,
      ).toEqual([]);
    }
  });
});

test('there are command lines to look at', async () => {
  const lines = (await Promise.all(pages.map(async (page) => commandLinesOf(await read(page))))).flat();
  expect(lines.length).toBeGreaterThan(40);
});

test('the troubleshooting page has a part for every exit code, in the words of help', async () => {
  const headings = [...(await read('docs/troubleshooting.md')).matchAll(/^## (\d+): (.+)$/gm)];
  expect(headings.map(([, code, meaning]) => [Number(code), meaning])).toEqual(
    runExits.map(([code, meaning]) => [code, meaning]),
  );
});

test.each(['README.md', 'docs/runs.md'])('%s lists every exit code in the words of help', async (page) => {
  const listed = [...(await read(page)).matchAll(/^\| ([\d, ]+) \| (.+?) \|/gm)].map(
    ([, codes = '', words]) => ({
      codes: codes.split(', ').map(Number),
      words,
    }),
  );
  expect(listed.flatMap(({ codes }) => codes)).toEqual(runExits.map(([code]) => code));
  const meanings = new Map(runExits);
  // The codes of signals share a row.
  for (const { codes, words } of listed.filter((row) => row.codes.length === 1)) {
    expect(words?.replaceAll('`', '')).toBe(meanings.get(codes[0] ?? -1));
  }
});

test('the README leads to every page', async () => {
  const readme = await read('README.md');
  const others = [...docs.map((name) => `docs/${name}`), ...atTheRoot].filter((page) => page !== 'README.md');
  expect(others.filter((page) => !readme.includes(`(${page})`))).toEqual([]);
});
