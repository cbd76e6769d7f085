import fc from 'fast-check';
import { soundGroup, soundItem, wildItem } from '../rows/pages.ts';
import { hostileText } from './texts.ts';

const id = fc.oneof(
  fc.integer({ min: -3, max: 9 }),
  fc.constantFrom(
    '0',
    '-7',
    '9223372036854775807',
    '9223372036854775808',
    '007',
    2 ** 53,
    -0,
    1.5,
    '1e3',
    ' 1',
  ),
);

const hostileItem = fc.record(
  {
    Type: fc.constantFrom(1, 2, '1', '2'),
    To_Account: hostileText,
    ToGroupId: hostileText,
    StandardMark: fc.option(
      fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom('0', '1010', '') },
        { weight: 1, arbitrary: hostileText },
      ),
    ),
    CustomMark: fc.option(hostileText),
    ContactGroupId: fc.option(fc.oneof(fc.array(fc.integer({ min: 0, max: 9 })), fc.array(id), id)),
    Timestamp: fc.option(fc.oneof(fc.integer({ min: 0, max: 4_133_980_799 }), id)),
    More: hostileText,
  },
  { requiredKeys: ['Type', 'To_Account', 'ToGroupId'] },
);
const hostileGroup = fc.record(
  { GroupId: id, GroupName: hostileText },
  { requiredKeys: ['GroupId', 'GroupName'] },
);

const listOf = (...items: readonly fc.Arbitrary<unknown>[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.array(fc.oneof(...items), { maxLength: 4 }) },
    { weight: 1, arbitrary: fc.oneof(fc.constantFrom(null, [], {}, '', 0), fc.jsonValue({ maxDepth: 2 })) },
  );

const mostly = <T>(sound: fc.Arbitrary<T>, wild: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 20, arbitrary: sound }, { weight: 1, arbitrary: wild });

const answer = fc.record(
  {
    ActionStatus: mostly(fc.constant('OK'), hostileText),
    ErrorCode: mostly(fc.constantFrom(0, '0'), fc.oneof(id, fc.constantFrom(50_004, 60_007, 70_001))),
    ErrorInfo: hostileText,
    ContactItem: fc.oneof(listOf(soundItem, hostileItem), listOf(wildItem)),
    GroupItem: fc.oneof(listOf(soundGroup, hostileGroup), listOf(wildItem)),
    CompleteFlag: mostly(fc.constantFrom(1, '1'), fc.oneof(id, fc.constantFrom(0, 2, true))),
    NextStartIndex: fc.oneof(id, hostileText),
    More: fc.jsonValue({ maxDepth: 2 }),
  },
  { requiredKeys: ['ActionStatus', 'ErrorCode', 'CompleteFlag'] },
);

/** JSON that no serializer writes, though parsers take it: to be put in place of a value. */
const rawValues: readonly string[] = [
  '1e400',
  '-1e400',
  '1e-400',
  '0.1e1',
  '-0',
  '123456789012345678901234567890',
  '"\\ud800"',
  '"\\u0000"',
  '{"__proto__":{"x":1}}',
  '{"a":1,"a":2}',
  '{"a\\u0000":1,"a\\ud800":2}',
  `${'['.repeat(120)}${']'.repeat(120)}`,
  `${'{"a":'.repeat(120)}1${'}'.repeat(120)}`,
];

const json = fc
  .oneof({ weight: 6, arbitrary: answer }, { weight: 1, arbitrary: fc.jsonValue() })
  .map((value) => JSON.stringify(value));

/** A value somewhere in the text is another one. */
const replaced = fc.tuple(json, fc.nat(), fc.constantFrom(...rawValues)).map(([text, nth, raw]) => {
  const values = [...text.matchAll(/(?<=[:,[])("(?:[^"\\]|\\.)*"|-?\d+|null)(?=[,\]}])/g)];
  const value = values[nth % Math.max(1, values.length)];
  if (value === undefined) return raw;
  return text.slice(0, value.index) + raw + text.slice(value.index + value[0].length);
});

/** A text that was cut, or in which a few characters were lost, repeated or put in. */
const damaged = fc
  .tuple(
    json,
    fc.nat(),
    fc.nat({ max: 12 }),
    fc.oneof(hostileText, fc.constantFrom('', '{', ']', ',', '"', '\\u', '1')),
  )
  .map(([text, at, lost, put]) => {
    const from = at % (text.length + 1);
    return text.slice(0, from) + put + text.slice(from + lost);
  });

const cut = fc.tuple(json, fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1)));

/** Any body that the API, a proxy, or a host in between may send. */
export const anyBody = fc.oneof(
  { weight: 12, arbitrary: json },
  { weight: 4, arbitrary: replaced },
  { weight: 3, arbitrary: damaged },
  { weight: 1, arbitrary: cut },
  { weight: 1, arbitrary: hostileText },
);
