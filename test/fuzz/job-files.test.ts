import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JobError } from '../../src/config/model/job-error.ts';
import { isOptionName, optionNames } from '../../src/config/model/options.ts';
import { type JobFile, readJobFile } from '../../src/config/sources/job-file.ts';
import { printable } from '../../src/report/text/printable.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { bodies, hostileText, ordersATerminal } from './texts.ts';

const files = Math.ceil(bodies / 2);

const key = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...optionNames) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('secret-key', 'usersig', '<<', '__proto__', 'constructor', '?', '- x'),
  },
  { weight: 1, arbitrary: hostileText },
);
const value = fc.oneof(
  hostileText,
  hostileText.map((text) => JSON.stringify(text)),
  fc.constantFrom(
    '1',
    '007',
    '~',
    '*a',
    '&a x',
    '!!js/function x',
    '[1]',
    '{a: 1}',
    '|',
    '>',
    '|\n  x\n y',
    '# x',
    "'",
    '%',
  ),
  fc.integer().map(String),
);
const line = fc.tuple(key, value).map(([name, text]) => `${name}: ${text}`);
const file = fc
  .tuple(
    fc.array(fc.oneof({ weight: 5, arbitrary: line }, { weight: 1, arbitrary: hostileText }), {
      maxLength: 6,
    }),
    fc.constantFrom('\n', '\r\n', '\n\n', '\n---\n'),
    fc.option(fc.uint8Array({ maxLength: 6 }), { freq: 8 }),
  )
  .map(([lines, end, tail]) => Buffer.concat([Buffer.from(lines.join(end)), Buffer.from(tail ?? [])]));

async function readOf(content: Buffer, cwd: string): Promise<JobFile | Error> {
  await writeFile(join(cwd, 'job.yaml'), content);
  try {
    return await readJobFile('job.yaml', cwd);
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

test(`each of ${files} job files is a map of known keys, or is refused with its lines`, {
  timeout: 600_000 + bodies * 20,
}, async () => {
  const seen = { read: 0, refused: 0 };
  const cwd = await temporaryDirectory();
  await fc.assert(
    fc.asyncProperty(file, async (content) => {
      const read = await readOf(content, cwd);
      if (read instanceof Error) expect(read, read.stack ?? '').toBeInstanceOf(JobError);
      seen[read instanceof Error || read.problems.length > 0 ? 'refused' : 'read'] += 1;
      const problems = read instanceof JobError ? read.problems : (read as JobFile).problems;
      if (read instanceof Error) expect(problems).not.toEqual([]);
      else
        for (const [name, { text }] of read.values)
          expect([isOptionName(name), text === '']).toEqual([true, false]);
      for (const problem of problems) {
        expect(problem).toMatch(/^(job\.yaml[: ]|and \d+ more)/);
        expect(problem.length).toBeLessThan(1_000);
        expect(ordersATerminal(`${printable(problem)}`)).toBe(false);
      }
    }),
    { numRuns: files },
  );
  process.stdout.write(`${JSON.stringify(seen)}\n`);
  expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(files / 200);
});

test('a hostile value that is quoted is read exactly', async () => {
  const cwd = await temporaryDirectory();
  const names = optionNames.filter((name) => name !== 'resume' && name !== 'fresh');
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(fc.constantFrom(...names), hostileText), {
        selector: ([name]) => name,
        minLength: 1,
      }),
      async (values) => {
        const given = values.filter(([, text]) => text !== '');
        const content = Buffer.from(
          given.map(([name, text]) => `${name}: ${JSON.stringify(text)}\n`).join('') || 'rate: 1',
        );
        const read = await readOf(content, cwd);
        if (read instanceof Error) throw read;
        const known = given.filter(([name]) => !read.refused.has(name));
        for (const [name, text] of known) expect(read.values.get(name)?.text).toBe(text);
      },
    ),
    { numRuns: Math.ceil(bodies / 10) },
  );
});
