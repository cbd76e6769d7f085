import type { SimulatorOptions } from '../options/options.ts';
import { fraction, hash, Purpose } from './prng.ts';
import { type Unreadable, unreadableWays } from './unreadable.ts';

/** How a user behaves in all calls of a day. */
export type UserProfile =
  | { name: 'ordinary' }
  | { name: 'empty' }
  | { name: 'not_in_app'; code: 50001 | 70107 }
  | { name: 'failed'; code: 50004 | 50002 | 51007 }
  /** stuck: the index does not advance; more: ever new pages; flagless: CompleteFlag is missing */
  | { name: 'endless'; way: 'stuck' | 'more' | 'flagless' }
  /** One page is invalid. */
  | { name: 'unreadable'; way: Unreadable };

const ordinary: UserProfile = { name: 'ordinary' };
const empty: UserProfile = { name: 'empty' };
const notInApp: readonly UserProfile[] = [
  { name: 'not_in_app', code: 50001 },
  { name: 'not_in_app', code: 70107 },
];
/** 50004 is transient by its meaning and never ends here. The others belong to the user. */
const failed: readonly UserProfile[] = [
  { name: 'failed', code: 50004 },
  { name: 'failed', code: 50002 },
  { name: 'failed', code: 51007 },
];
const endless: readonly UserProfile[] = [
  { name: 'endless', way: 'stuck' },
  { name: 'endless', way: 'more' },
  { name: 'endless', way: 'flagless' },
];

const unreadable: readonly UserProfile[] = unreadableWays.map((way) => ({ name: 'unreadable', way }));

const pickProfile = (kinds: readonly UserProfile[], seed: number, index: number): UserProfile =>
  kinds[hash(seed, Purpose.kind, index, 1) % kinds.length] ?? ordinary;

/** The profile of a user of the list on the options' day. */
export const userProfile = (options: SimulatorOptions, index: number): UserProfile => {
  const { seed } = options;
  let at = fraction(seed, Purpose.kind, index);
  const within = (share: number): boolean => {
    const inside = at >= 0 && at < share;
    at -= share;
    return inside;
  };
  if (within(options.empty)) return empty;
  if (within(options.notImported)) return pickProfile(notInApp, seed, index);
  if (within(options.failing)) return pickProfile(failed, seed, index);
  if (within(options.endless)) return pickProfile(endless, seed, index);
  if (within(options.unreadable)) return pickProfile(unreadable, seed, index);
  if (options.day < 2) return ordinary;
  at = fraction(seed, Purpose.laterKind, index);
  if (within(options.failingFromDay2)) return pickProfile(failed, seed, index);
  if (within(options.notImportedFromDay2)) return pickProfile(notInApp, seed, index);
  return ordinary;
};
