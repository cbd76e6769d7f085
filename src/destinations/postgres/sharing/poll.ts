import { setTimeout as sleep } from 'node:timers/promises';
import { isConnectionLoss } from '../connect/server-errors.ts';

/** Asks until there is an answer that is not null. @throws the reason of `stop`, when it is aborted before */
export async function pollUntil<T>(
  everyMs: number,
  stop: AbortSignal,
  ask: () => Promise<T | null>,
): Promise<T> {
  for (;;) {
    stop.throwIfAborted();
    const answer = await ask();
    if (answer !== null) return answer;
    await sleep(everyMs, undefined, { signal: stop }).catch(() => {});
  }
}

/** Null when the connection was lost: the caller asks again later, and the session that commits announces the outage. */
export async function unlessLost<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (isConnectionLoss(error)) return null;
    throw error;
  }
}
