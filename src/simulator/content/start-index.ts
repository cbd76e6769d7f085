import { hash, Purpose } from './prng.ts';

/**
 * StartIndex is opaque to clients. Here a permutation of the unsigned 32-bit numbers, different for each user, scrambles the page
 * number. It leaves 0 in its place: the first page is 0, and no other. Nothing is stored.
 */
const multiplier = (seed: number, user: number): number => hash(seed, Purpose.startIndex, user) | 1;

/** The odd number's inverse modulo 2^32, by Newton's steps: 3 correct bits become 6, 12, 24, 48. */
const inverse = (odd: number): number => {
  let x = odd;
  for (let i = 0; i < 4; i++) x = Math.imul(x, 2 - Math.imul(odd, x));
  return x;
};

/** The StartIndex of a page; pages count from 0. */
export const pageStartIndex = (seed: number, user: number, page: number): number => {
  const h = Math.imul(page, multiplier(seed, user)) >>> 0;
  return (h ^ (h >>> 16)) >>> 0;
};

/** The page of a StartIndex. */
export const pageAt = (seed: number, user: number, startIndex: number): number => {
  const h = (startIndex ^ (startIndex >>> 16)) >>> 0;
  return Math.imul(h, inverse(multiplier(seed, user))) >>> 0;
};
