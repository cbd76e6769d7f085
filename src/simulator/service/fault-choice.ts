import { fraction, Purpose } from '../content/prng.ts';
import type { Fault, ScriptedFault } from '../options/fault.ts';
import type { SimulatorOptions } from '../options/options.ts';

/** Chooses the faults of calls: the script first, then the shares. */
export class FaultChoice {
  readonly #options: SimulatorOptions;
  #script: readonly ScriptedFault[] | null = null;
  #left: number[] = [];

  constructor(options: SimulatorOptions) {
    this.#options = options;
  }

  /** Whether the service is down at this call, seconds since the first call. */
  isDown(call: number, seconds: number): boolean {
    const { script, faults } = this.#options;
    if (script.length === 0 && faults.down === undefined) return false;
    return this.#scripted(call, seconds, null) === 'down' || this.#byShare(call) === 'down';
  }

  /** The fault of a call for a user, or null. */
  choose(call: number, seconds: number, user: string): Fault | null {
    return this.#scripted(call, seconds, user) ?? this.#byShare(call);
  }

  #scripted(call: number, seconds: number, user: string | null): Fault | null {
    const { script } = this.#options;
    if (script !== this.#script) {
      this.#script = script;
      this.#left = script.map((entry) => ('times' in entry ? entry.times : 0));
    }
    for (const [i, entry] of script.entries()) {
      if ('calls' in entry && call >= entry.calls[0] && call <= entry.calls[1]) return entry.fault;
      if ('seconds' in entry && seconds >= entry.seconds[0] && seconds < entry.seconds[1]) return entry.fault;
      if ('user' in entry && entry.user === user) {
        const left = this.#left[i] ?? 0;
        this.#left[i] = left - 1;
        if (left > 0) return entry.fault;
      }
    }
    return null;
  }

  #byShare(call: number): Fault | null {
    let at = fraction(this.#options.seed, Purpose.fault, call);
    for (const fault in this.#options.faults) {
      at -= this.#options.faults[fault as Fault] ?? 0;
      if (at < 0) return fault as Fault;
    }
    return null;
  }
}
