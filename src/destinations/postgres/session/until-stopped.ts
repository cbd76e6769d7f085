import { AbortedByStop } from '../../contract/destination-error.ts';

/** The result of the work, unless the run is asked to stop before. @throws {AbortedByStop} */
export function untilStopped<T>(work: () => Promise<T>, stop: AbortSignal, name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const onStop = (): void =>
      reject(new AbortedByStop(`${name} was still busy when the run was asked to stop`));
    if (stop.aborted) onStop();
    else stop.addEventListener('abort', onStop, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => stop.removeEventListener('abort', onStop));
  });
}
