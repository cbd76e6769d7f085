import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAnswer } from '../../../../src/chat-api/answer.ts';
import { ContentDigest, contentHash } from '../../../../src/rows/content-hash.ts';
import { normalize, type UserRows } from '../../../../src/rows/normalize.ts';
import { ScratchFile } from '../../../../src/run/pull/in-flight/scratch-file.ts';
import { ByteBudget, StoredPage, UserPages } from '../../../../src/run/pull/in-flight/user-pages.ts';
import { userSlices } from '../../../../src/run/pull/in-flight/user-slices.ts';
import { SDK_APP_ID, soundGroup, soundItem } from '../../../rows/pages.ts';
import { temporaryDirectory } from '../../../support/directory.ts';

const options = { sdkAppId: SDK_APP_ID, unknownItems: 'skip' } as const;

type Given = { readonly items: readonly unknown[]; readonly groups: readonly unknown[] };

/** The API's answers, page by page. */
const answersOf = (pages: readonly Given[]): string[] =>
  pages.map(({ items, groups }, i) =>
    JSON.stringify({
      ActionStatus: 'OK',
      ErrorCode: 0,
      ErrorInfo: '',
      ContactItem: items,
      GroupItem: groups,
      CompleteFlag: i === pages.length - 1 ? 1 : 0,
      NextStartIndex: i + 1,
    }),
  );

async function scratchFile(): Promise<ScratchFile> {
  return new ScratchFile({ directory: await temporaryDirectory(), onFull: expect.unreachable });
}

const sorted = (rows: readonly object[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

/** All slices as one, in no order. */
function together(slices: readonly UserRows[]) {
  const sum = (name: keyof UserRows['oddities']): number =>
    slices.reduce((total, { oddities }) => total + oddities[name], 0);
  return {
    conversations: sorted(slices.flatMap(({ conversations }) => conversations)),
    contactGroups: sorted(slices.flatMap(({ contactGroups }) => contactGroups)),
    memberships: sorted(slices.flatMap(({ memberships }) => memberships)),
    oddities: {
      unnamedGroups: sum('unnamedGroups'),
      skippedItems: sum('skippedItems'),
      replacedTexts: sum('replacedTexts'),
      unknownFields: sum('unknownFields'),
    },
  };
}

test.each([
  ['with unknown fields in extra', options],
  ['without extra', { ...options, dropExtra: true }],
])(
  'slices of pages in a file, %s, say what the pages say together, later items before earlier ones',
  async (_, options) => {
    const scratch = await scratchFile();
    const page = fc.record({
      items: fc.array(soundItem, { maxLength: 12 }),
      // A field that this version does not know, of some of them.
      groups: fc.array(
        fc.oneof(
          soundGroup,
          soundGroup.map((group) => ({ ...group, Later: true })),
        ),
        {
          maxLength: 3,
        },
      ),
    });
    // Few items make one slice, and so each page is given so many of no known type that it is one by itself.
    const filler = Array.from({ length: 2_000 }, () => ({ Type: 3 }));
    fc.assert(
      fc.property(fc.array(page, { minLength: 2, maxLength: 4 }), (given) => {
        const texts = answersOf(given.map(({ items, groups }) => ({ items: [...items, ...filler], groups })));
        const pages = new UserPages(new ByteBudget(0), scratch);
        const kept = texts.map((text) => pages.keep(readAnswer(text), text));
        expect(kept.filter((some) => some instanceof StoredPage)).toHaveLength(texts.length - 1);
        const slices = [...userSlices('user0', kept, options)];
        expect(slices.length).toBeGreaterThan(given.length);
        const whole = normalize(
          'user0',
          texts.map((text) => readAnswer(text)),
          options,
        );
        expect(together(slices)).toEqual(together([whole]));
        const digest = new ContentDigest();
        for (const slice of slices) digest.add(slice);
        expect(digest.digest()).toEqual(contentHash(whole));
      }),
      { numRuns: 20 },
    );
    scratch.close();
  },
  120_000,
);

test('pages stay in memory while they fit, and are read again where they did not', async () => {
  const scratch = await scratchFile();
  const texts = answersOf(
    Array.from({ length: 4 }, (_, i) => ({ items: [{ Type: 1, To_Account: `peer${i}` }], groups: [] })),
  );
  const budget = new ByteBudget(texts[0]?.length ?? 0);
  const pages = new UserPages(budget, scratch);
  const kept = texts.map((text) => pages.keep(readAnswer(text), text));
  expect(kept.map((page) => page instanceof StoredPage)).toEqual([false, true, true, false]);
  expect(kept.map(({ contactItems }) => contactItems)).toEqual(
    texts.map((text) => readAnswer(text).contactItems),
  );
  expect(budget.take(1)).toBe(false);
  pages.release();
  expect(budget.take(texts[0]?.length ?? 0)).toBe(true);
  scratch.close();
});

test('the digest of many rows is that of them in one piece', () => {
  const items = Array.from({ length: 12_000 }, (_, i) => ({
    Type: 1,
    To_Account: `peer${i}`,
    ContactGroupId: [1],
  }));
  const rowsOf = (some: readonly unknown[]): UserRows =>
    normalize('user0', [{ contactItems: some, groupItems: [] }], options);
  const digest = new ContentDigest();
  for (const from of [8_000, 4_000, 0]) digest.add(rowsOf(items.slice(from, from + 4_000)));
  expect(digest.digest()).toEqual(contentHash(rowsOf(items)));
});
