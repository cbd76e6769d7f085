import { tmpdir } from 'node:os';
import type { Job } from '../../config/model/job.ts';
import type { RunWriter } from '../../destinations/contract/destination.ts';
import type { SuppressedUsers } from '../../destinations/contract/suppressed-users.ts';
import type { PassNow } from '../calls/bottleneck.ts';
import { explainUnexported } from '../events/causes.ts';
import type { RunEvents } from '../events/run-events.ts';
import type { IdCodec } from '../ids/id-codec.ts';
import type { ConditionVariable } from './condition-variable.ts';
import type { Guards } from './guards/guards.ts';
import { InFlight } from './in-flight/in-flight.ts';
import { Pass } from './pass.ts';
import { type PullUserSettings, pullUser, pullUserSettings } from './pull-user.ts';
import { RetryTimes } from './retry-times.ts';
import type { RunCalls } from './run-calls.ts';
import type { RunProgress } from './run-progress.ts';

export type PassesOptions = {
  readonly run: RunWriter;
  readonly calls: RunCalls;
  readonly progress: RunProgress;
  readonly names: IdCodec;
  readonly suppressed: SuppressedUsers;
  /** Notified whenever a call gets its slot. */
  readonly condition: ConditionVariable;
  readonly events: RunEvents;
  readonly stop: AbortSignal;
};

// Shorter interruptions are waited for with the chunks in hand.
const HAND_BACK_AFTER_MS = 30_000;

const NO_PASS: PassNow = { waitsForDestination: false, waiting: 0 };

/** The two passes over a run's plan, one after the other. */
export class Passes {
  readonly #job: Job;
  readonly #options: PassesOptions;
  readonly #settings: PullUserSettings;
  /** Shared by both passes: its bounds are those of the process. */
  readonly #inFlight: InFlight;
  readonly #retries: RetryTimes;
  #current: Pass | null = null;
  /** Whether the API cannot be reached from here, while other processes of the run commit. */
  #isCutOff = false;

  constructor(job: Job, options: PassesOptions) {
    const { names, suppressed, events } = options;
    this.#job = job;
    this.#options = options;
    this.#settings = pullUserSettings(job, { names, suppressed });
    this.#retries = new RetryTimes(job.pull.maxAttempts);
    options.run.shared?.onRefresh(() => this.#noticeCutOff());
    this.#inFlight = new InFlight(job.users.tempDir ?? tmpdir(), (message) => events.onNotice?.(message));
  }

  /** The bottlenecks of the pass at work now, and how many of its users wait. */
  get now(): PassNow {
    return this.#current?.now ?? NO_PASS;
  }

  /** Open chunks that do not wait for a guard. */
  get pullingChunks(): number {
    return this.#current?.pullingChunks ?? 0;
  }

  /** How long retries take after the last call for a new user, ms. */
  get retriesAheadMs(): number {
    return this.#retries.aheadMs;
  }

  /**
   * Pulls all of the plan that is not committed. Asked to stop, it commits what was pulled, and returns early.
   * @throws what ends the run
   */
  async pullOpenChunks(guards: Guards): Promise<void> {
    const { run, stop } = this.#options;
    await this.#runPass(1, guards);
    if (stop.aborted) return;
    await run.planSecondPass();
    await this.#runPass(2, guards);
  }

  /** A process that is cut off alone leaves its chunks to the others. */
  #noticeCutOff(): void {
    const { calls, run, events } = this.#options;
    const { outageMs } = calls.caller;
    const isCutOff =
      outageMs > 0 &&
      (this.#isCutOff || (outageMs > HAND_BACK_AFTER_MS && run.shared?.othersReachApi === true));
    if (isCutOff && !this.#isCutOff)
      events.onNotice?.(
        'other processes reach the API, and this one does not: it leaves its chunks to them until it does',
      );
    this.#isCutOff = isCutOff;
    this.#current?.pause(isCutOff);
  }

  async #runPass(pass: 1 | 2, guards: Guards): Promise<void> {
    const { run, calls, progress, condition, events, stop } = this.#options;
    const { caller, probes, total } = calls;
    this.#current = new Pass({
      run,
      pass,
      pull: (userId, context, take) =>
        this.#retries.measure(userId, pass, context, (measured) =>
          pullUser(userId, caller, this.#settings, measured, take),
        ),
      needsWork: () => caller.needsWork,
      condition,
      guards,
      removeNotInApp: this.#job.rows.notInApp === 'remove',
      total,
      inFlight: this.#inFlight,
      stop,
      withProbes: (result) => probes.countedIn(result),
      onCommitted: ({ number }, counts, usersDone) => {
        progress.add({ usersDone, counts });
        events.onCommitted?.({ number, counts });
      },
      onUnexported: (user) => events.onUnexported?.(user, explainUnexported(user)),
    });
    this.#current.pause(this.#isCutOff);
    await this.#current.run();
    this.#current = null;
  }
}
