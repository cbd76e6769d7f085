import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Fault } from '../../../src/simulator/options/fault.ts';
import { optionTable } from '../../../src/simulator/options/option-table.ts';
import {
  defaultOptions,
  type SimulatorOptionName,
  type SimulatorOptions,
  type SimulatorPatch,
  simulatorOptionNames,
} from '../../../src/simulator/options/options.ts';
import {
  readOptions,
  readPatch,
  SimulatorOptionsError,
} from '../../../src/simulator/options/read-options.ts';

const FAULTS =
  'a code of five digits, http400 to http599, reset, cut, stall, garbage, truncatedJson, oversized, plainText or down';
const FORMS =
  '{fault, calls: [from, to]}, {fault, seconds: [from, to]} or {fault, user, times}, and no other fields';

/** The simulator's message for invalid options. */
function refusalOf(given: unknown, read: (given: unknown) => unknown = readOptions): string {
  try {
    read(given);
  } catch (error) {
    if (error instanceof SimulatorOptionsError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('the table', () => {
  test('gives each option its type', () => {
    expectTypeOf<SimulatorOptions['host']>().toEqualTypeOf<string>();
    expectTypeOf<SimulatorOptions['users']>().toEqualTypeOf<number>();
    expectTypeOf<SimulatorOptions['oddities']>().toEqualTypeOf<boolean>();
    expectTypeOf<SimulatorOptions['unknownAppCode']>().toEqualTypeOf<70020 | 70016>();
    expectTypeOf<SimulatorOptions['groupItems']>().toEqualTypeOf<'first' | 'all' | 'any'>();
    expectTypeOf<SimulatorOptions['latency']>().toEqualTypeOf<[from: number, to: number]>();
    expectTypeOf<SimulatorOptions['otherCallsSeconds']>().toEqualTypeOf<[from: number, to: number] | null>();
    expectTypeOf<SimulatorOptions['stallMs']>().toEqualTypeOf<number | null>();
    expectTypeOf<SimulatorOptions['faults']>().toEqualTypeOf<Partial<Record<Fault, number>>>();
    expectTypeOf<keyof SimulatorPatch>().toEqualTypeOf<(typeof changeable)[number]>();
  });

  test.each(simulatorOptionNames)('has a default for %s that the simulator accepts', (name) => {
    expect(readOptions({ [name]: defaultOptions[name] })).toEqual(defaultOptions);
  });
});

describe('accepted are', () => {
  test.each<[SimulatorOptionName, unknown]>([
    ['identifier', '123'],
    ['seed', -3],
    ['port', 65_535],
    ['clockOffset', -600.5],
    ['empty', 1],
    ['oddities', true],
    ['overRateCode', 60011],
    ['groupItems', 'first'],
    ['latency', [0.5, 0.5]],
    ['otherCallsSeconds', [0, 60]],
    ['maxSigAge', null],
    ['maxSigLead', null],
    ['otherCallsSeconds', null],
    ['stallMs', null],
    ['faults', { reset: 0.5, '50004': 0.5 }],
    ['faults', { http400: 0, http599: 0 }],
    ['script', [{ fault: 'down', seconds: [0, 0.5] }]],
    ['script', [{ fault: '50004', user: '', times: 0 }]],
  ])('%s: %j', (name, value) => {
    expect(readOptions({ [name]: value })).toEqual({ ...defaultOptions, [name]: value });
  });

  test('codes of faults that are numbers, which become texts', () => {
    const script = [{ times: 2, user: 'a', fault: 50004 }];
    expect(readOptions({ script }).script).toEqual([{ fault: '50004', user: 'a', times: 2 }]);
  });

  test('options without a value: they have their defaults', () => {
    expect(readOptions({ rate: undefined, latency: undefined })).toEqual(defaultOptions);
  });
});

describe('refused, with the name, what was expected and the value, are', () => {
  test.each<[kind: string, given: Partial<Record<SimulatorOptionName, unknown>>, message: string]>([
    ['text', { host: '' }, "host: expected text of at least one character, not ''"],
    ['text', { host: null }, 'host: expected text, not null'],
    ['text', { host: ['::1'] }, "host: expected text, not [ '::1' ]"],
    [
      'text',
      { identifier: 123 },
      'identifier: expected text, not 123; put the value in quotes in YAML and JSON',
    ],
    ['integer', { users: -1 }, 'users: expected a whole number from 0, not -1'],
    ['integer', { users: 1.5 }, 'users: expected a whole number from 0, not 1.5'],
    ['integer', { users: null }, 'users: expected a whole number from 0, not null'],
    ['integer', { users: 'many' }, "users: expected a whole number from 0, not 'many'"],
    [
      'integer',
      { users: '5' },
      "users: expected a whole number from 0, not '5'; remove the quotes around the value",
    ],
    [
      'integer',
      { users: 2 ** 53 },
      'users: expected a whole number between -2^53 and 2^53, not 9007199254740992',
    ],
    ['integer', { port: 65_536 }, 'port: expected a whole number from 0 to 65,535, not 65536'],
    ['integer', { seed: 0.5 }, 'seed: expected a whole number, not 0.5'],
    ['number', { otherCalls: -0.5 }, 'otherCalls: expected a number from 0, not -0.5'],
    ['number', { otherCalls: Number.NaN }, 'otherCalls: expected a number from 0, not NaN'],
    ['number', { otherCalls: true }, 'otherCalls: expected a number from 0, not true'],
    [
      'number',
      { clockOffset: -2e9 },
      'clockOffset: expected a number from -1,000,000,000 to 1,000,000,000, not -2000000000',
    ],
    ['nullable number', { stallMs: -1 }, 'stallMs: expected a number from 0, or null, not -1'],
    [
      'nullable number',
      { stallMs: Number.POSITIVE_INFINITY },
      'stallMs: expected a number from 0, or null, not Infinity',
    ],
    ['nullable number', { maxSigAge: 'null' }, "maxSigAge: expected a number from 0, or null, not 'null'"],
    ['share', { empty: 1.01 }, 'empty: expected a number from 0 to 1, not 1.01'],
    ['share', { empty: '5%' }, "empty: expected a number from 0 to 1, not '5%'"],
    ['share', { empty: null }, 'empty: expected a number from 0 to 1, not null'],
    ['boolean', { oddities: 1 }, 'oddities: expected true or false, not 1'],
    [
      'boolean',
      { oddities: 'true' },
      "oddities: expected true or false, not 'true'; remove the quotes around the value",
    ],
    ['choice', { groupItems: 'never' }, "groupItems: expected one of first, all, any, not 'never'"],
    ['choice', { groupItems: null }, 'groupItems: expected one of first, all, any, not null'],
    ['choice', { overRateCode: 60008 }, 'overRateCode: expected one of 60007, 60011, not 60008'],
    [
      'choice',
      { overRateCode: '60007' },
      "overRateCode: expected one of 60007, 60011, not '60007'; remove the quotes around the value",
    ],
    ['range', { latency: 5 }, 'latency: expected [from, to], two numbers from 0, not 5'],
    ['range', { latency: null }, 'latency: expected [from, to], two numbers from 0, not null'],
    ['range', { latency: [1] }, 'latency: expected [from, to], two numbers from 0, not [ 1 ]'],
    ['range', { latency: [1, 2, 3] }, 'latency: expected [from, to], two numbers from 0, not [ 1, 2, 3 ]'],
    [
      'range',
      { latency: [-1, 'x'] },
      "latency.0: expected a number from 0, not -1\nlatency.1: expected a number from 0, not 'x'",
    ],
    [
      'range',
      { latency: [5, 1] },
      'latency: expected a first number that does not exceed the second, not [ 5, 1 ]',
    ],
    [
      'nullable range',
      { otherCallsSeconds: 'always' },
      "otherCallsSeconds: expected [from, to], two numbers from 0, or null, not 'always'",
    ],
    [
      'nullable range',
      { otherCallsSeconds: [null, 1] },
      'otherCallsSeconds.0: expected a number from 0, not null',
    ],
    ['fault shares', { faults: [] }, 'faults: expected {fault: share}, with shares from 0 to 1, not []'],
    ['fault shares', { faults: null }, 'faults: expected {fault: share}, with shares from 0 to 1, not null'],
    ['fault shares', { faults: { http302: 0.1 } }, `faults.http302: expected ${FAULTS}, not 'http302'`],
    ['fault shares', { faults: { '50004': 2 } }, 'faults.50004: expected a number from 0 to 1, not 2'],
    [
      'fault shares',
      { faults: { reset: undefined } },
      'faults.reset: expected a number from 0 to 1, not undefined',
    ],
    [
      'fault shares',
      { faults: { cut: 0.5, reset: 0.75 } },
      'faults: expected shares with a sum of at most 1, not 1.25',
    ],
    ['fault script', { script: {} }, `script: expected a list of ${FORMS}, not {}`],
    ['fault script', { script: null }, `script: expected a list of ${FORMS}, not null`],
    ['fault script', { script: ['down'] }, `script.0: expected ${FORMS}, not 'down'`],
    ['fault script', { script: [{ fault: 'down' }] }, `script.0: expected ${FORMS}, not { fault: 'down' }`],
    [
      'fault script',
      { script: [{ fault: 'down', calls: [1, 2], seconds: [1, 2] }] },
      `script.0: expected ${FORMS}, not { fault: 'down', calls: [ 1, 2 ], seconds: [ 1, 2 ] }`,
    ],
    [
      'fault script',
      { script: [{ fault: 'down', call: [1, 2] }] },
      `script.0: expected ${FORMS}, not { fault: 'down', call: [ 1, 2 ] }`,
    ],
    ['fault script', { script: [{ fault: 5, calls: [1, 2] }] }, `script.0.fault: expected ${FAULTS}, not 5`],
    [
      'fault script',
      { script: [{ fault: 'down', calls: [2, 1] }] },
      'script.0.calls: expected a first number that does not exceed the second, not [ 2, 1 ]',
    ],
    [
      'fault script',
      { script: [{ fault: 'down', seconds: 5 }] },
      'script.0.seconds: expected [from, to], two numbers from 0, not 5',
    ],
    [
      'fault script',
      { script: [{ fault: 'down', user: 5, times: 0.5 }] },
      'script.0.user: expected text, not 5; put the value in quotes in YAML and JSON\nscript.0.times: expected a whole number from 0, not 0.5',
    ],
  ])('%s %j', (_, given, message) => {
    expect(refusalOf(given)).toBe(message);
  });

  test.each([[null], [undefined], [[]], ['users'], [5]])('%j in place of the options', (given) => {
    expect(refusalOf(given)).toMatch(/^options: expected an object of option names and values, not \S+$/);
  });

  test('options that do not exist, with the name that was meant', () => {
    expect(refusalOf({ 'page-size': 5 })).toBe('page-size: the simulator has no such option; write pageSize');
    expect(refusalOf({ SDKAppID: 5 })).toBe('SDKAppID: the simulator has no such option; write sdkAppId');
    expect(refusalOf({ speed: undefined })).toBe(
      'speed: the simulator has no such option; see chat-export simulate --help',
    );
    expect(refusalOf(JSON.parse('{"__proto__": {"users": 1}, "toString": 1}'))).toMatch(
      /^__proto__: the simulator has no such option; .*\ntoString: the simulator has no such option; .*$/,
    );
  });
});

test('a message has one line for each problem, whatever a name or a value holds', () => {
  const circular: unknown[] = [];
  circular.push(circular);
  const given = {
    host: ['a\nb'],
    latency: circular,
    faults: { 'x\ny': 0.1 },
    script: ['\u001b[31m', 'y'.repeat(10_000)],
    'z\n\u001b': 1,
  };
  const lines = refusalOf(given).split('\n');
  expect(lines.map((line) => line.slice(0, line.indexOf(': ')))).toEqual([
    'host',
    'latency',
    "faults.'x\\ny'",
    'script.0',
    'script.1',
    "'z\\n\\x1B'",
  ]);
  expect(lines.filter((line) => line.length > 300 || line.includes('\u001b'))).toEqual([]);
});

test.each([[5], [['abc']], [{ key: 'abc' }]])(
  'the secret key is not shown when %j is refused',
  (secretKey) => {
    const hidden = /^secretKey: expected text, not the given value \(hidden\)/;
    expect(refusalOf({ secretKey })).toMatch(hidden);
    expect(refusalOf({ secretKey }, readPatch)).toMatch(hidden);
  },
);

test('what the caller changes afterwards does not change the options', () => {
  const given = {
    latency: [1, 2],
    faults: { reset: 0.1 },
    script: [{ fault: 'cut', calls: [1, 2] }],
  };
  const options = readOptions(given);
  given.latency[0] = 9;
  given.faults.reset = 9;
  given.script.push({ fault: 'down', calls: [3, 4] });
  given.script[0]?.calls.fill(9);
  expect(options).toMatchObject({
    latency: [1, 2],
    faults: { reset: 0.1 },
    script: [{ fault: 'cut', calls: [1, 2] }],
  });
});

const changeable = [
  ...(['secretKey', 'maxSigAge', 'clockOffset', 'maxSigLead', 'day', 'rate', 'overRateCode'] as const),
  ...(['otherCalls', 'otherCallsSeconds', 'latency', 'faults', 'script', 'stallMs'] as const),
];

describe('while the simulator runs', () => {
  test.each(changeable)('%s may change', (name) => {
    expect(readPatch({ [name]: defaultOptions[name] })).toEqual({ [name]: defaultOptions[name] });
  });

  test.each(simulatorOptionNames.filter((name) => !(changeable as readonly string[]).includes(name)))(
    '%s may not change',
    (name) => {
      expect(refusalOf({ [name]: defaultOptions[name] }, readPatch)).toBe(
        `${name}: cannot change while the simulator runs; change only ${changeable.join(', ')}`,
      );
    },
  );

  test('a change is checked as the options were, and has no defaults', () => {
    expect(readPatch({ rate: 5, stallMs: undefined })).toEqual({ rate: 5 });
    expect(refusalOf({ rate: 0 }, readPatch)).toBe('rate: expected a whole number from 1, not 0');
    expect(refusalOf(null, readPatch)).toMatch(/^options: expected an object/);
  });
});

test('every option is described by sentences', () => {
  for (const { description } of Object.values(optionTable)) expect(description).toMatch(/^[A-Z].*\.$/);
});
