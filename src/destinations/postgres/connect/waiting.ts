import { timeSpan } from '../../../text/format.ts';
import { DestinationTimeout } from '../../contract/destination-error.ts';
import type { Waiting } from '../../contract/waiting.ts';
import type { ServerWait } from './server-wait.ts';

// The watch ends a wait sooner, and names the holder. This bound applies when the watch sees nothing.
const LOCK_TIMEOUT_SLACK_MS = 30_000;
const MAX_LOCK_TIMEOUT_MS = 2 ** 31 - 1;

/** The server's own bound for a wait on locks, ms. */
export const lockTimeoutMs = ({ patienceMs }: Waiting): number =>
  Math.ceil(Math.min(patienceMs + LOCK_TIMEOUT_SLACK_MS, MAX_LOCK_TIMEOUT_MS));

export type Patience = Pick<Waiting, 'subject' | 'patienceMs' | 'option'> & {
  /** The database, as shown in messages. */
  readonly name: string;
};

export const upTo = ({ patienceMs, option }: Pick<Patience, 'patienceMs' | 'option'>): string =>
  `${timeSpan(patienceMs)}${option === null ? '' : ` (${option})`}`;

/** The notice while a command waits. */
export function waitNotice({ name, subject, ...patience }: Patience, wait: ServerWait): string {
  return wait.for === 'lock'
    ? `${name}: ${subject} waits up to ${upTo(patience)} for a lock of ${wait.by}`
    : `${name}: a commit waits for a synchronous standby to confirm it (${wait.by}); ${subject} waits up to ${upTo(patience)}`;
}

/** The message when a command stops waiting. */
export function waitError({ name, subject, ...patience }: Patience, wait: ServerWait): DestinationTimeout {
  return new DestinationTimeout(
    wait.for === 'lock'
      ? `${name}: ${subject} waited over ${upTo(patience)} for a lock of ${wait.by}; end the session or transaction that holds it`
      : `${name}: no synchronous standby confirmed a commit within ${upTo(patience)} (${wait.by}); ` +
          'bring a standby back, or change that setting',
  );
}
