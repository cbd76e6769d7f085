import type { SimulatorOptions } from '../options/options.ts';
import { changeContent } from './change.ts';
import { type Content, NOTHING, throwContent } from './content.ts';
import { fraction, hash, Prng, Purpose } from './prng.ts';
import { userProfile } from './user-profile.ts';

/** Whether the user's content on this day differs from the day before. */
export const changesOn = (options: SimulatorOptions, index: number, day: number): boolean =>
  day > 1 && fraction(options.seed, Purpose.change, index, day) < options.changed;

/** The content of an ordinary or empty user on the options' day. */
export const userContent = (options: SimulatorOptions, index: number): Content => {
  if (userProfile(options, index).name === 'empty') return NOTHING;
  let content = throwContent(options, index);
  for (let day = 2; day <= options.day; day++) {
    if (changesOn(options, index, day)) {
      const dice = new Prng(hash(options.seed, Purpose.change, index, -day));
      content = changeContent(content, dice, day, options);
    }
  }
  return content;
};
