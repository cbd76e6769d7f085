import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const dist = resolve(import.meta.dirname, '../../dist');

/** The imports that a compiler reaches from one of the declarations: files of the package, and names of others. */
async function importsFrom(file: string, seen: Set<string> = new Set()): Promise<Set<string>> {
  seen.add(file);
  const text = await readFile(file, 'utf8');
  for (const [, from = ''] of text.matchAll(/(?:from |import\()['"]([^'"]+)['"]/g)) {
    const next = from.startsWith('.') ? join(dirname(file), from.replace(/\.ts$/, '.d.ts')) : from;
    if (seen.has(next)) continue;
    if (from.startsWith('.')) await importsFrom(next, seen);
    else seen.add(next);
  }
  return seen;
}

test('the types of the library need those of no other package, and none of how it calls and stores', async () => {
  const imports = [...(await importsFrom(join(dist, 'index.d.ts')))];
  expect(imports.filter((name) => !name.startsWith(dist))).toEqual([]);
  const inner = /\/(pacing|chat-api|postgres|csv|report|cli)\//;
  expect(imports.filter((name) => inner.test(name))).toEqual([]);
});
