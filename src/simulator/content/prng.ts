/**
 * Repeatable randomness. Each answer of the simulator is a function of the seed and a few numbers. So it stores nothing per user,
 * and two instances agree.
 */

/** The purpose of a number. It keeps numbers about the same user independent of each other. */
export const Purpose = {
  kind: 1,
  content: 2,
  change: 3,
  laterKind: 4,
  startIndex: 5,
  wire: 6,
  endless: 7,
  fault: 8,
  latency: 9,
  userId: 10,
  duplicate: 11,
  unknownTypes: 12,
  strangeItem: 13,
} as const;

const avalanche = (value: number): number => {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/** An unsigned 32-bit number that depends on all arguments. */
export const hash = (seed: number, purpose: number, a: number, b = 0): number => {
  let h = avalanche(seed + 0x9e3779b9);
  h = avalanche(h ^ Math.imul(purpose, 0x27d4eb2f));
  h = avalanche(h ^ a);
  return avalanche((h + Math.imul(b, 0x165667b1)) | 0);
};

/** The same as a fraction: 0 <= share < 1. */
export const fraction = (seed: number, purpose: number, a: number, b = 0): number =>
  hash(seed, purpose, a, b) / 0x1_0000_0000;

/** A stream of numbers (mulberry32). */
export class Prng {
  #state: number;

  constructor(state: number) {
    this.#state = state | 0;
  }

  /** 0 <= x < 1 */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** A whole number, 0 <= x < end */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }
}
