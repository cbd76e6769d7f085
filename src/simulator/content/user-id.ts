import { fraction, hash, Purpose } from './prng.ts';

/** IDs that careless readers, writers and collations get wrong. None starts or ends with white space. */
const oddShapes: readonly ((n: string) => string)[] = [
  (n) => `用户${n}`,
  (n) => `user ${n}, "the one"`,
  (n) => `o'brien,${n}`,
  (n) => `00${n}`,
  (n) => `USER${n.padStart(7, '0')}`,
  (n) => `e\u0301${n}`,
  (n) => `😀${n}`,
  (n) => `a\\b${n}`,
  (n) => `a%b&c=${n}`,
  (n) => `c2c_${n}`,
  (n) => `group_${n}`,
  (n) => `"${n}"`,
];

/** UserIDs have at most 32 bytes (vendor's page on accounts). */
export const MAX_ID_BYTES = 32;

/** The ID of the index-th user: `user0000042`, or an odd shape for a share of them. */
export const userId = (index: number, oddShare: number): string => {
  if (fraction(0, Purpose.userId, index) < oddShare) {
    const shape = oddShapes[hash(1, Purpose.userId, index) % oddShapes.length];
    if (shape) return shape(String(index));
  }
  return `user${String(index).padStart(7, '0')}`;
};

/** The index of a user from the ID alone, or null when there is no such user. */
export const userIndex = (id: string, oddShare: number): number | null => {
  const digits = /(\d+)\D*$/.exec(id)?.[1];
  if (digits === undefined) return null;
  const index = Number(digits);
  return Number.isSafeInteger(index) && userId(index, oddShare) === id ? index : null;
};
