import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { generatedFiles } from '../../docs/generated-files.ts';

test.each(Object.entries(await generatedFiles()))('%s is what `npm run docs` writes', async (path, text) => {
  expect(await readFile(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(text);
});
