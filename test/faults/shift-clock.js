// Imported into the program before it begins (NODE_OPTIONS): shifts its wall clock by SHIFT_MS, at once or, with AT_STEP,
// when it first comes by that step. The monotonic clock stays as it is, as it does when a machine's clock is set.
import { subscribe } from 'node:diagnostics_channel';

const RealDate = globalThis.Date;
let offset = 0;
globalThis.Date = class ShiftedDate extends RealDate {
  constructor(...given) {
    if (given.length > 0) super(...given);
    else super(RealDate.now() + offset);
  }

  static now() {
    return RealDate.now() + offset;
  }
};

const shift = () => {
  offset = Number(process.env.SHIFT_MS);
};
const { AT_STEP } = process.env;
if (AT_STEP === undefined) shift();
else subscribe('chat-export:step', (message) => message.step === AT_STEP && shift());
