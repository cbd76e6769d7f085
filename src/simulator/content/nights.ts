import type { SimulatorOptions } from '../options/options.ts';
import { changeContent } from './change.ts';
import { type Content, NOTHING, throwContent } from './content.ts';
import { fraction, hash, Prng, Purpose } from './prng.ts';
import { kindOf } from './user-profile.ts';

/** Whether the user's content on this night differs from the night before. */
export const changesOn = (options: SimulatorOptions, index: number, night: number): boolean =>
  night > 1 && fraction(options.seed, Purpose.change, index, night) < options.changed;

/** What an ordinary or empty user keeps on the options' night. */
export const contentOf = (options: SimulatorOptions, index: number): Content => {
  if (kindOf(options, index).name === 'empty') return NOTHING;
  let content = throwContent(options, index);
  for (let night = 2; night <= options.night; night++) {
    if (changesOn(options, index, night)) {
      const dice = new Prng(hash(options.seed, Purpose.change, index, -night));
      content = changeContent(content, dice, night, options);
    }
  }
  return content;
};
