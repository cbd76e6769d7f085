import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { jobSchema } from '../../src/config/job-schema.ts';
import { optionList } from '../../src/config/model/options.ts';
import { readOption } from '../../src/config/parse/option-values.ts';

const root = resolve(import.meta.dirname, '../..');
const schema = jobSchema() as { readonly properties: Readonly<Record<string, Record<string, unknown>>> };
const ajv = new Ajv2020({ allowUnionTypes: true });
ajv.addKeyword('x-unit');
const isJob = ajv.compile(schema);

const keys = optionList.filter(({ file }) => file !== false);

const readable = ({ name }: (typeof keys)[number], text: string): boolean => {
  try {
    readOption[name](text);
    return true;
  } catch {
    return false;
  }
};

/** Values that people may write into a job file, for any key. */
const written = [
  ...['0', '1', '7', '200', '0.5', '1.5', '99999999', '-1', '"200"', '" 7 "', '"1e3"', '9007199254740991'],
  ...[
    '500ms',
    '90s',
    '30 min',
    '1h30m',
    '20h',
    '7d',
    '1d 2h 3m 4s 5ms',
    '1.5h',
    '5',
    '3 weeks',
    '30m1h',
    'ms',
  ],
  ...['5%', '0.5 %', '100%', '100.0%', '005%', '101%', '-1%', '"%"', '1e1%'],
  ...['true', 'false', '"true"', '"0"', '2', 'yes', 'maybe'],
  ...['keep', 'fail', 'skip', 'singapore', 'atlantis', 'json', 'warn'],
  ...['users.txt', 'chat-export.prom', 'chat-export.txt', '""', '" "', 'pg_chat', 'x'.repeat(101)],
  ...['csv:export', 'embedded:trial', 'postgres://db.example.com/chat', 'mysql://db.example.com/chat'],
  ...['https://chat.example.com', 'http://127.0.0.1:8099', 'chat.example.com'],
  ...['null', '[1, 2]', '{a: 1}'],
];

// Problems that only the program finds: bounds of durations and of quoted digits, and the inside of URLs.
const beyondASchema: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    ['limit', 'keep-runs', 'sdk-app-id', 'rate', 'concurrency', 'max-pages', 'chunk-size'].map((name) => [
      name,
      ['"0"'],
    ]),
  ),
  'max-attempts': ['"200"', '"0"'],
  timeout: ['500ms', '30 min', '1h30m', '20h', '7d', '1d 2h 3m 4s 5ms', '1.5h'],
  'max-duration': ['500ms'],
  'wait-for-lock': ['500ms'],
};

describe.each(keys)('the key $name of the schema', (option) => {
  const key = schema.properties[option.name] ?? {};

  test('has a type, the description, the default and the unit of the table', () => {
    expect(key.type).toBeDefined();
    expect(key.description).toContain(option.description);
    expect(String(key.default ?? '')).toBe(option.default ?? '');
    const counts = ['whole', 'number'].includes(option.kind) && !['sdk-app-id'].includes(option.name);
    const hasUnit = counts || ['duration', 'share', 'share-or-number'].includes(option.kind);
    expect(key['x-unit'] !== undefined).toBe(hasUnit);
    if (hasUnit) expect(key.description).toContain(`Unit: ${key['x-unit']}.`);
  });

  test('takes all that the program takes, and no more than it must', () => {
    const judged = written.map((text) => {
      const { value } = parse(`value: ${text}`) as { readonly value: unknown };
      // That a file is called `true` is more likely a mistake than meant.
      const isText = ['string', 'number', option.kind === 'boolean' ? 'boolean' : ''].includes(typeof value);
      return {
        text,
        taken: isJob({ [option.name]: value }),
        readable: isText && value !== '' && readable(option, String(value)),
      };
    });
    const textsWhere = (taken: boolean) =>
      judged.filter((one) => one.taken === taken && one.readable !== taken).map(({ text }) => text);
    expect({ refused: textsWhere(false), taken: textsWhere(true) }).toEqual({
      refused: [],
      taken: beyondASchema[option.name] ?? [],
    });
  });

  test('takes a variable', () => {
    expect(isJob({ [option.name]: ['$', '{CHAT_VALUE}'].join('') })).toBe(true);
  });
});

test.each(optionList.filter(({ file }) => file === false))('no job file holds $name', ({ name }) => {
  expect(isJob({ [name]: 'true' })).toBe(false);
});

test.each([{ rat: 100 }, {}, [], 'users.txt', { users: 'users.txt', password: 'hush' }])(
  'the schema refuses %j',
  (wrong) => {
    expect(isJob(wrong)).toBe(false);
  },
);

const examples = (await readdir(join(root, 'jobs'))).filter((name) => name.endsWith('.yaml'));

describe.each(examples)('jobs/%s', (name) => {
  test('is valid by the schema that it names, if it is a job', async () => {
    const path = join(root, 'jobs', name);
    const text = await readFile(path, 'utf8');
    const named = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text)?.[1];
    // Schedules and alert rules are files of others.
    if (/^(apiVersion|groups):/m.test(text)) {
      expect(named).toBeUndefined();
      return;
    }
    expect(text.startsWith('# yaml-language-server:')).toBe(true);
    const published = JSON.parse(await readFile(resolve(dirname(path), named ?? ''), 'utf8'));
    expect(published).toEqual(schema);
    isJob(parse(text));
    expect(isJob.errors).toBeNull();
  });
});

test('the package publishes the schema', async () => {
  const { exports, files } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  expect(exports['./job.schema.json']).toBe('./job.schema.json');
  expect(files).toContain('job.schema.json');
});
