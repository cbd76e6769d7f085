import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { vagueIn, violationsIn } from './architecture/violations.ts';

const root = resolve(import.meta.dirname, '..');

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

describe('the sources', () => {
  test('keep the rules about imports between modules', async () => {
    const paths = (await filesOf('src')).filter((path) => path.endsWith('.ts'));
    const texts = await Promise.all(
      paths.map(async (path) => [path, await readFile(join(root, path), 'utf8')]),
    );
    expect(paths.length).toBeGreaterThan(10);
    expect(violationsIn(Object.fromEntries(texts))).toEqual([]);
  });

  test('and the tests have names that say something', async () => {
    expect([...(await filesOf('src')), ...(await filesOf('test'))].flatMap(vagueIn)).toEqual([]);
  });
});

describe('the check sees', () => {
  test.each<[string, Record<string, string>, string[]]>([
    [
      'a value taken across rooms',
      { 'src/resilience/a.ts': "import { b } from '../chat-api/b.ts';" },
      ['src/resilience/a.ts: resilience may not import src/chat-api/b.ts'],
    ],
    [
      'a type taken across rooms',
      { 'src/simulator/a.ts': "import type { B } from '../rows/b.ts';" },
      ['src/simulator/a.ts: simulator may not import src/rows/b.ts'],
    ],
    [
      'a value where only types may pass',
      {
        'src/user-list/a.ts': "import { b, type C } from '../rows/b.ts';",
        'src/user-list/b.ts': "import type { B } from '../rows/b.ts';",
        'src/user-list/c.ts': "import { type B, type C } from '../rows/b.ts';",
      },
      ['src/user-list/a.ts: user-list may import only types of src/rows/b.ts'],
    ],
    [
      'a default import named type',
      { 'src/user-list/a.ts': "import type from '../rows/b.ts';" },
      ['src/user-list/a.ts: user-list may import only types of src/rows/b.ts'],
    ],
    [
      're-exports',
      {
        'src/run/a.ts':
          "export const a = 1;\nexport { b } from '../cli/b.ts';\nexport * as c from '../cli/c.ts';",
      },
      ['src/run/a.ts: run may not import src/cli/b.ts', 'src/run/a.ts: run may not import src/cli/c.ts'],
    ],
    [
      'dynamic imports and types by import()',
      { 'src/run/a.ts': "const a = await import('../cli/a.ts'); let b: import('../cli/b.ts').B;" },
      ['src/run/a.ts: run may not import src/cli/a.ts', 'src/run/a.ts: run may not import src/cli/b.ts'],
    ],
    [
      'imports of something computed',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the source that is checked has a template
      { 'src/run/a.ts': 'await import(`../cli/${name}.ts`);' },
      ['src/run/a.ts: imports something computed'],
    ],
    [
      'imports over several lines, for their effect, and within a template',
      {
        'src/config/a.ts':
          // biome-ignore lint/suspicious/noTemplateCurlyInString: the source that is checked has a template
          "import {\n  a,\n  b,\n} from '../run/a.ts';\nimport '../run/b.ts';\nconst c = `${await import('../run/c.ts')}`;",
      },
      ['a', 'b', 'c'].map((name) => `src/config/a.ts: config may not import src/run/${name}.ts`),
    ],
    [
      'imports after a regular expression with quotes and a template with braces',
      {
        'src/config/a.ts':
          // biome-ignore lint/suspicious/noTemplateCurlyInString: the source that is checked has a template
          "const a = /['\"`/*]/.test(`}'${{ b: `'` }.b}`) ? 4 / 2 : 1;\nimport '../run/b.ts';",
      },
      ['src/config/a.ts: config may not import src/run/b.ts'],
    ],
    [
      'packages out of their place',
      {
        'src/user-list/a.ts': "import pg from 'pg';",
        'src/destinations/files/a.ts': "import { from } from 'pg-copy-streams';",
        'src/run/a.ts': "import type { Agent } from 'undici/types/agent.js';",
        'src/resilience/a.ts': "import { readFile } from 'node:fs/promises';",
        'src/destinations/postgres/a.ts': "import pg from 'pg';",
      },
      [
        'src/user-list/a.ts: may not import pg',
        'src/destinations/files/a.ts: may not import pg-copy-streams',
        'src/run/a.ts: may not import undici/types/agent.js',
        'src/resilience/a.ts: may not import node:fs/promises',
      ],
    ],
    [
      'the end of the process out of main.ts',
      {
        'src/cli/main.ts': 'process.exitCode = 1;',
        'src/cli/a.ts': 'process.exit(1);',
        'src/run/a.ts': 'process.exitCode = 1;',
        'src/run/b.ts': "process['exit'](1);",
        'src/run/c.ts': "import { exit } from 'node:process';",
      },
      [
        'src/cli/a.ts: only src/cli/main.ts may use process.exit',
        'src/run/a.ts: only src/cli/main.ts may use process.exitCode',
        'src/run/b.ts: only src/cli/main.ts may use process.exit',
        'src/run/c.ts: may not import node:process',
      ],
    ],
    [
      'a cycle closed by a type',
      {
        'src/run/a.ts': "import { b } from './b.ts';",
        'src/run/b.ts': "import { c } from './c.ts';",
        'src/run/c.ts': "import type { A } from './a.ts';",
      },
      ['cycle: src/run/a.ts -> src/run/b.ts -> src/run/c.ts -> src/run/a.ts'],
    ],
    [
      'a way to a kind of destination that is not the list of kinds',
      {
        'src/run/a.ts': "import type { A } from '../destinations/postgres/a.ts';",
        'src/run/b.ts':
          "import { kindOf } from '../destinations/open/kinds.ts'; import '../destinations/b.ts';",
        'src/destinations/files/a.ts': "import { b } from '../postgres/b.ts';",
        'src/destinations/embedded/a.ts': "import { b } from '../postgres/b.ts';",
        'src/destinations/contract/a.ts': "import { b } from '../open/b.ts';",
        'src/destinations/new/kind.ts': "import { b } from '../contract/b.ts'; import('../open/b.ts');",
        'src/destinations/open/a.ts':
          "import { newKind } from '../new/kind.ts'; import { b } from '../files/file-run.ts';",
      },
      [
        'src/run/a.ts: may not import src/destinations/postgres/a.ts, which only its own kind of destination may',
        'src/destinations/files/a.ts: may not import src/destinations/postgres/b.ts, which only its own kind of destination may',
        'src/destinations/contract/a.ts: may not import src/destinations/open/b.ts, which only its own kind of destination may',
        'src/destinations/new/kind.ts: may not import src/destinations/open/b.ts, which only its own kind of destination may',
        'src/destinations/open/a.ts: may not import src/destinations/files/file-run.ts, which only its own kind of destination may',
      ],
    ],
    [
      'a question for the kind of a destination',
      {
        'src/run/a.ts':
          "if (place.kind === 'files' || 'postgres' !== typed?.kind || end.kind === 'finished') run();",
        'src/config/a.ts': "switch (typed?.kind) { case 'start': break; case 'embedded': run(); default: }",
        'src/destinations/open/a.ts': "if (place.kind === 'files') run();",
      },
      [
        'src/run/a.ts: asks whether a destination is of the kind files; ask destinationKind(…)',
        'src/run/a.ts: asks whether a destination is of the kind postgres; ask destinationKind(…)',
        'src/config/a.ts: asks whether a destination is of the kind embedded; ask destinationKind(…)',
      ],
    ],
    [
      'a driver that the list of kinds loads',
      {
        'src/destinations/open/kinds.ts': "import { kind } from '../postgres/kind.ts';",
        'src/destinations/postgres/kind.ts':
          "import { join } from 'node:path'; import type { A } from './a.ts'; import './b.ts'; await import('./c.ts');",
        'src/destinations/postgres/a.ts': "import pg from 'pg';",
        'src/destinations/postgres/b.ts': "import pg from 'pg';",
        'src/destinations/postgres/c.ts': "import pg from 'pg';",
      },
      ['src/destinations/open/kinds.ts: loads pg, by src/destinations/postgres/b.ts'],
    ],
    [
      'rooms that import each other',
      {
        'src/run/a.ts': "import type { A } from '../config/a.ts';",
        'src/config/b.ts': "import type { B } from '../rows/b.ts';",
        'src/rows/c.ts': "import type { C } from '../run/c.ts';",
      },
      ['src/rows/c.ts: rows may not import src/run/c.ts', 'cycle of rooms: run -> config -> rows -> run'],
    ],
    [
      'vague names and folders that are no room',
      { 'src/run/utils.ts': '', 'src/run/lib/a.ts': '', 'src/sinks/a.ts': '' },
      [
        'src/run/utils.ts: utils.ts is no name',
        'src/run/lib/a.ts: lib is no name',
        'src/sinks/a.ts: sinks is no room',
      ],
    ],
    [
      'what may not be reached from anywhere: the face and the tests',
      { 'src/run/a.ts': "import { a } from '../index.ts';\nimport { b } from '../../test/b.ts';" },
      ['src/run/a.ts: run may not import src/index.ts', 'src/run/a.ts: imports test/b.ts, outside of src'],
    ],
    [
      'a folder with too many files',
      Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`src/rows/row-${i}.ts`, ''])),
      ['src/rows: 21 files side by side, at most 20'],
    ],
    [
      'a name that two sources export, be it a type or a value',
      {
        'src/rows/a.ts': 'export type Page = string;\nexport const b = 1;',
        'src/run/a.ts': "export class Page {}\nexport type { b } from '../rows/a.ts';",
      },
      ['Page is exported by src/rows/a.ts and src/run/a.ts'],
    ],
  ])('%s', (_, sources, violations) => {
    expect(violationsIn(sources)).toEqual(violations);
  });

  test('nothing in comments, strings, properties and what the rules allow', () => {
    const sources = {
      'src/run/a.ts': `// import '../cli/a.ts';
        /* process.exit(); import('../cli/b.ts') */
        import type { Job } from '../config/job.ts';
        import { pull } from '../chat-api/pull.ts';
        export type { Row } from '../rows/row.ts';
        const text = "import '../cli/a.ts'" + \`process.exit(1)\`;
        export const from = { import: '../cli/a.ts', x: import.meta.url };
        export type Name = 'a' | 'b';`,
      'src/index.ts': "export { run } from './run/run.ts';",
      'src/cli/a.ts': "import { start } from '../simulator/start.ts';",
    };
    expect(violationsIn(sources)).toEqual([]);
  });
});
