import { ConditionVariable } from '../run/pull/condition-variable.ts';

export type WorkOptions<I, O> = {
  /** The most items that are started and not yet taken. */
  readonly width: number;
  readonly work: (item: I) => Promise<O>;
  /** Its reason is thrown at once, even if results are ready. */
  readonly stop: AbortSignal;
  /** Called when no further item starts, so that running work can be cancelled. */
  readonly onEnd: (reason: unknown) => void;
};

/**
 * Works on several items of a stream at once, and yields each result as soon as it is ready. An item counts until its result is
 * taken, so the work never runs ahead of a slow consumer. An error of the work or of the stream is thrown after the results that
 * were ready before it.
 */
export async function* mapUnordered<I, O>(
  items: Iterator<I> | AsyncIterator<I>,
  { width, work, stop, onEnd }: WorkOptions<I, O>,
): AsyncGenerator<O, void, undefined> {
  const ready: O[] = [];
  const condition = new ConditionVariable();
  let underWay = 0;
  let isAsking = false;
  let isRead = false;
  let failure: { readonly error: unknown } | null = null;

  const fail = (error: unknown): void => {
    if (failure !== null) return;
    failure = { error };
    onEnd(error);
    condition.notify();
  };
  const begin = async (item: I): Promise<void> => {
    underWay += 1;
    try {
      ready.push(await work(item));
    } finally {
      underWay -= 1;
    }
    condition.notify();
  };
  const ask = async (): Promise<void> => {
    isAsking = true;
    try {
      const next = await items.next();
      if (next.done) isRead = true;
      else if (failure === null) begin(next.value).catch(fail);
    } finally {
      isAsking = false;
    }
    condition.notify();
    fill();
  };
  const fill = (): void => {
    if (isAsking || isRead || failure !== null || underWay + ready.length >= width) return;
    ask().catch((error) => {
      // A stream that threw has ended.
      isRead = true;
      fail(error);
    });
  };

  const onStop = (): void => fail(stop.reason);
  if (stop.aborted) onStop();
  stop.addEventListener('abort', onStop, { once: true });
  try {
    fill();
    for (;;) {
      await condition.until(() => ready.length > 0 || failure !== null || (isRead && underWay === 0));
      stop.throwIfAborted();
      if (ready.length > 0) {
        const one = ready.shift() as O;
        fill();
        yield one;
      } else if (failure !== null) throw (failure as { readonly error: unknown }).error;
      else return;
    }
  } finally {
    stop.removeEventListener('abort', onStop);
    fail(new Error('the consumer stopped reading'));
    if (!isRead) {
      const closing = Promise.resolve(items.return?.()).catch(() => {});
      // A pending read of the stream may never end.
      if (!isAsking) await closing;
    }
  }
}
