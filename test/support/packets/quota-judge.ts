import { CallRecorder, type Report } from '../../../src/simulator/service/call-recorder.ts';
import { captureNeed, startRequestCapture } from './request-capture.ts';

/** The source of the time stamps of arrivals: the kernel, packet by packet, or the simulator, once it gets to a call. */
export type Judge = 'kernel' | 'simulator';

/** How a quota was used, by the instants at which calls arrived. */
export type Verdict = Pick<
  Report,
  'calls' | 'seconds' | 'fullestSecond' | 'quotaUsed' | 'overQuota' | 'callsBySecond' | 'overQuotaBySecond'
> & { readonly judge: Judge };

export interface QuotaJudge extends AsyncDisposable {
  readonly judge: Judge;
  /** Ends the judging. All calls must have been answered. */
  verdict(): Promise<Verdict>;
}

/** A simulator on 127.0.0.1, in plain HTTP, with a quota of its own. */
export type Judged = { readonly url: string; report(): Promise<Report> };

/** Judges all calls from now on by the kernel's time stamps, or, where this machine has none to give, as the simulator does. */
export async function startQuotaJudge(simulation: Judged): Promise<QuotaJudge> {
  if (captureNeed !== null) {
    return {
      judge: 'simulator',
      verdict: async () => ({ judge: 'simulator', ...(await simulation.report()) }),
      [Symbol.asyncDispose]: async () => {},
    };
  }
  const capture = await startRequestCapture(Number(new URL(simulation.url).port));
  return {
    judge: 'kernel',
    verdict: async () => {
      const { rate } = await simulation.report();
      return { judge: 'kernel', ...judgeArrivals(await capture.stop(), rate) };
    },
    [Symbol.asyncDispose]: () => capture[Symbol.asyncDispose](),
  };
}

/** @param instants in order, ms @param rate the quota, calls in any 1,000 ms */
export function judgeArrivals(instants: readonly number[], rate: number): Report {
  const recorder = new CallRecorder();
  for (const at of instants) if (recorder.arrive(at) > rate) recorder.refusedOverQuota();
  return recorder.report(rate);
}
