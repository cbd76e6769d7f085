import { type Clock, SYSTEM_CLOCK } from './clock.ts';

export type TimeoutOptions<L> = {
  readonly ms: number;
  /** Called when the time is over before the work is. Its value, or its error, becomes the result. */
  readonly onTimeout: () => L;
  readonly clock?: Clock;
};

/**
 * The result of the work, or that of `onTimeout` when the work takes longer. The timer ends with the work: it does not keep the
 * process. Late work continues; its result is ignored, an error, too.
 */
export function withTimeout<T, L>(
  work: PromiseLike<T>,
  { ms, onTimeout, clock = SYSTEM_CLOCK }: TimeoutOptions<L>,
): Promise<T | L> {
  return new Promise<T | L>((resolve, reject) => {
    const cancel = clock.schedule(() => {
      try {
        resolve(onTimeout());
      } catch (error) {
        reject(error);
      }
    }, ms);
    work.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
}
