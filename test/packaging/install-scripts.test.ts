import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

type Lock = { readonly packages: Record<string, { readonly hasInstallScript?: boolean }> };
type Manifest = { readonly allowScripts: Record<string, boolean> };

const read = async <T>(name: string): Promise<T> =>
  JSON.parse(await readFile(new URL(`../../${name}`, import.meta.url), 'utf8')) as T;

// npm 11.16 and later lists every script that `allowScripts` does not name, and npm 12 skips it. Nothing here needs one:
// the program makes the library links of PostgreSQL itself, and esbuild finds its binary without one.
test('npm runs no script of a dependency, and has none to ask about', async () => {
  const { packages } = await read<Lock>('package-lock.json');
  const { allowScripts } = await read<Manifest>('package.json');

  const withScript = Object.keys(packages)
    .filter((path) => packages[path]?.hasInstallScript)
    .map((path) => path.replace(/^.*node_modules\//, ''));

  expect(Object.keys(allowScripts).sort()).toEqual(withScript.sort());
  expect(new Set(Object.values(allowScripts))).toEqual(new Set([false]));
});
