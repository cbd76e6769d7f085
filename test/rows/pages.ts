import fc from 'fast-check';
import { parseExactly } from '../../src/json/parse-exactly.ts';
import { type NormalizeOptions, normalize, type UserRows } from '../../src/rows/normalize.ts';

export const SDK_APP_ID = 1_400_000_000;

export type GivenPage = { readonly contactItems?: unknown[]; readonly groupItems?: unknown[] };

/** The rows of a user called `user0`, from these pages. */
export const rowsOf = (pages: readonly GivenPage[], options: Partial<NormalizeOptions> = {}): UserRows =>
  normalize(
    'user0',
    pages.map(({ contactItems = [], groupItems = [] }) => ({ contactItems, groupItems })),
    { sdkAppId: SDK_APP_ID, unknownItems: 'fail', ...options },
  );

/** The rows of one page with these items. */
export const rowsOfItems = (...contactItems: unknown[]): UserRows => rowsOf([{ contactItems }]);

/** The only conversation of one page that holds a sound item with these fields on top. */
export function conversationOf(fields: Record<string, unknown>) {
  const [row, ...others] = rowsOfItems({ Type: 1, To_Account: 'peer', ...fields }).conversations;
  if (row === undefined || others.length > 0) throw new Error('expected one conversation');
  return row;
}

/** A value as it comes over the wire: `__proto__` becomes a field, a lone surrogate stays one. */
export const parsed = (json: string): unknown => parseExactly(json);

const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\0', '\ud800', '\udc00', '😀', '"', '\n') });
// An ID is refused where a text would be changed.
const id = text.filter((one) => one !== '' && one.isWellFormed() && !one.includes('\0'));
const anyJson = fc.jsonValue({ maxDepth: 3 });
const mark = fc.string({ unit: fc.constantFrom('0', '1'), maxLength: 64 });

export const soundItem = fc
  .record(
    {
      Type: fc.constantFrom(1, 2, '1', '2'),
      To_Account: id,
      ToGroupId: id,
      StandardMark: fc.option(mark),
      CustomMark: fc.option(text),
      ContactGroupId: fc.option(fc.array(fc.integer({ min: 0, max: 5 }))),
      Timestamp: fc.option(fc.integer({ min: 0, max: 4_133_980_799 })),
      Later: anyJson,
    },
    { requiredKeys: ['Type', 'To_Account', 'ToGroupId'] },
  )
  .filter((item) => !/\d{16}|e\+/.test(JSON.stringify(item)));

export const soundGroup = fc.record({ GroupId: fc.integer({ min: 0, max: 5 }), GroupName: text });

/** Anything that JSON may bring in place of an item, much of it nearly sound. */
export const wildItem = fc.oneof(
  anyJson,
  fc.dictionary(
    fc.constantFrom(
      'Type',
      'To_Account',
      'ToGroupId',
      'StandardMark',
      'CustomMark',
      'ContactGroupId',
      'Timestamp',
      'GroupId',
      'GroupName',
      '__proto__',
      'toJSON',
      'x\0',
    ),
    fc.oneof(anyJson, fc.constantFrom(1, 2, '1', '2', 'peer', [1, 2], 1e300, -0, '01', '-0')),
    { noNullPrototype: true },
  ),
  soundItem,
  soundGroup,
);
