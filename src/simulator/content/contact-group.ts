import type { Prng } from './prng.ts';

/** A named group with conversations of a user. */
export interface ContactGroup {
  /** Digits: JSON's numbers cannot hold all of them. */
  id: string;
  name: string;
  /** Fields that no version of the program knows. */
  extra?: Record<string, unknown>;
}

/** Group names have 1 to 32 bytes (vendor's page on creating them). */
const MAX_NAME_BYTES = 32;
/** A user has at most 20 (vendor's error 51010). */
const MAX_CONTACT_GROUPS = 20;

const NAMES: readonly [string, ...string[]] = [
  'family',
  'Work',
  '同事',
  'VIP, "gold"',
  'two\nlines',
  ' padded ',
  'tab\there',
  '😀🎉',
  "o'clock",
  '\\N',
  'NULL',
  'null',
  '1',
  'a\r\nb',
  '""',
  'x'.repeat(32),
  '客'.repeat(10),
  'Zoë',
];
const ODD_NAMES: readonly [string, ...string[]] = [
  '=1+1',
  '\\.',
  'a\n\\.\nb',
  'a\u0000b',
  'half \ud83d',
  '\udc00\ud800',
  '\ufeffmarked',
];

/** A name for a contact group. Repeated names get a number. */
export const throwName = (dice: Prng, oddities: boolean): string => {
  const name = oddities && dice.chance(0.2) ? dice.pick(ODD_NAMES) : dice.pick(NAMES);
  const numbered = `${name}${dice.below(1000)}`;
  return dice.chance(0.6) && Buffer.byteLength(numbered) <= MAX_NAME_BYTES ? numbered : name;
};

const BEYOND_DOUBLES = 2n ** 53n + 1n;
const LARGEST = 2n ** 63n - 1n;

/** A 64-bit ID. The IDs of one user are neighbours, which a reader with doubles confuses. */
const bigId = (dice: Prng, i: number): string =>
  String(dice.chance(0.5) ? BEYOND_DOUBLES + BigInt(i) : LARGEST - BigInt(i));

/** The contact groups of a user, with distinct IDs. */
export const throwContactGroups = (dice: Prng, oddities: boolean): ContactGroup[] => {
  const groups: ContactGroup[] = [];
  if (dice.chance(0.3)) return groups;
  const count = Math.floor((MAX_CONTACT_GROUPS + 1) * dice.next() ** 3);
  let next = 0;
  for (let i = 0; i < count; i++) {
    next += 1 + (dice.chance(0.1) ? dice.below(100_000_000) : dice.below(3));
    const id = oddities && dice.chance(0.1) ? bigId(dice, i) : String(next);
    const group: ContactGroup = { id, name: throwName(dice, oddities) };
    if (oddities && dice.chance(0.15))
      group.extra = { Color: dice.pick(['red', '蓝', '']), Rank: dice.below(9) };
    groups.push(group);
  }
  return groups;
};
