/** How long others may keep a command waiting in a destination, what ends the wait, and who is notified. */
export type Waiting = {
  readonly subject: 'the run' | 'this command';
  readonly patienceMs: number;
  /** The option that sets it, for messages; null if there is none. */
  readonly option: '--max-outage' | null;
  /** Ends the waiting. */
  readonly stop: AbortSignal;
  readonly onNotice: (message: string) => void;
};

/** The waiting of a run. */
export const waitingOfRun = ({
  maxOutageMs,
  ...others
}: Pick<Waiting, 'stop' | 'onNotice'> & { readonly maxOutageMs: number }): Waiting => ({
  subject: 'the run',
  patienceMs: maxOutageMs,
  option: '--max-outage',
  ...others,
});
