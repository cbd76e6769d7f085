import type pg from 'pg';
import { AbortedByStop, LockLost } from '../../contract/destination-error.ts';
import { connect } from '../connect/connection.ts';
import type { ConnectionOptions } from '../connect/dial.ts';
import { farewell } from '../connect/farewell.ts';
import { pollUntil } from './poll.ts';

const TRY_EVERY_MS = 500;
// A process that is frozen while it has the lock would keep all others waiting. The server ends its session.
const SILENT_MS = 15_000;
const SIGN_OF_LIFE_EVERY_MS = 3_000;

/** The right to plan a run of an app, or to finish one, while no other process does. It has a connection of its own. */
export class PlanLock {
  readonly #client: pg.Client;
  readonly #timer: NodeJS.Timeout;
  /** One statement after the other, as the driver wants it. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(client: pg.Client) {
    this.#client = client;
    // If it fails, the lock is lost, which `verify` finds.
    const showLife = (): void => void this.#ask().catch(() => {});
    this.#timer = setInterval(showLife, SIGN_OF_LIFE_EVERY_MS).unref();
  }

  /** Waits for the lock. @throws {AbortedByStop} when `stop` is aborted before; the error of a connection that was lost */
  static async take(
    connection: Omit<ConnectionOptions, 'purpose'>,
    { schema, sdkAppId }: { readonly schema: string; readonly sdkAppId: number },
    stop: AbortSignal,
  ): Promise<PlanLock> {
    const client = await connect({ ...connection, purpose: 'planner' }, (client) =>
      client.query(`set idle_session_timeout = ${SILENT_MS}`),
    );
    try {
      await pollUntil(TRY_EVERY_MS, stop, async () => {
        const { rows } = await client.query(
          "select pg_try_advisory_lock(hashtextextended('chat-export:' || $1 || ':plan of ' || $2, 0)) as taken",
          [schema, String(sdkAppId)],
        );
        return rows[0]?.taken === true ? true : null;
      });
      return new PlanLock(client);
    } catch (error) {
      await farewell(client);
      if (!stop.aborted) throw error;
      throw new AbortedByStop(
        `${connection.name}: another process was planning when the run was asked to stop`,
        {
          cause: stop.reason,
        },
      );
    }
  }

  /** @throws {LockLost} when the lock was lost, and another process may plan */
  async verify(): Promise<void> {
    await this.#ask().catch((error: unknown) => {
      throw new LockLost(
        'the right to plan this run was lost, and another process may have planned it; run the same command again',
        { cause: error },
      );
    });
  }

  #ask(): Promise<unknown> {
    this.#last = this.#last.catch(() => {}).then(() => this.#client.query('select'));
    return this.#last;
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    await farewell(this.#client);
  }
}
