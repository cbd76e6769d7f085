import type { Boss, BossDatabase } from './pg-boss.ts';

// pg-boss gives lost claims away no more often, however many workers ask for it.
export const SUPERVISE_EVERY_S = 1;
// A heartbeat lasts ten seconds and is renewed every three: others may have missed theirs when the database answers no worker for longer.
const OUTAGE_MS = 3_000;
// After an outage all heartbeats may be over. Each worker tries every three seconds to renew its own, and needs a new connection
// for that: twice the time.
const OTHERS_RENEW_WITHIN_MS = 6_000;

/**
 * Lets pg-boss give the chunks of dead workers away. Not after an outage: until the other workers have had the time to renew
 * their heartbeats, they would all seem to be dead, and what they have pulled would be lost.
 */
export class Supervision {
  readonly #boss: Boss;
  readonly #database: BossDatabase;
  readonly #queue: string;
  readonly #onError: (error: Error) => void;
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;
  /** Since when the database has answered without an outage. */
  #answersSince = performance.now();
  #answeredAt = performance.now();

  /** @param database the connection over which pg-boss works @param onError called with errors; the next try is a second later */
  constructor(boss: Boss, database: BossDatabase, queue: string, onError: (error: Error) => void) {
    this.#boss = boss;
    this.#database = database;
    this.#queue = queue;
    this.#onError = onError;
  }

  start(): void {
    const again = (): void => {
      if (!this.#isStopped) this.#timer = setTimeout(look, SUPERVISE_EVERY_S * 1_000).unref();
    };
    const look = (): void => void this.#look().catch(this.#onError).then(again);
    again();
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    // A statement of pg-boss itself would be executed when a server that was suspended awakes.
    await this.#database.executeSql('select');
    this.#answered();
    if (this.#answeredAt - this.#answersSince < OTHERS_RENEW_WITHIN_MS || this.#isStopped) return;
    await this.#boss.supervise(this.#queue);
    this.#answered();
  }

  #answered(): void {
    const now = performance.now();
    if (now - this.#answeredAt > OUTAGE_MS) this.#answersSince = now;
    this.#answeredAt = now;
  }
}
