import { join } from 'node:path';
import { DestinationError } from '../contract/destination-error.ts';
import type { Waiting } from '../contract/waiting.ts';
import type { ServerSupervisor } from '../postgres/session/server-supervisor.ts';
import { logFile } from './control.ts';
import { type EmbeddedServer, startEmbeddedServer } from './server.ts';

// A server that dies more often has a cause that another start does not remove.
const MAX_DEATHS = 5;
const WITHIN_MS = 10 * 60_000;

/** Keeps the server of a directory running for a run: no service manager starts it again. */
export class EmbeddedSupervisor implements ServerSupervisor {
  readonly #given: string;
  readonly #waiting: Waiting;
  #server: EmbeddedServer;
  /** When it was found dead, on the monotonic clock. */
  #deaths: number[] = [];
  #failure: unknown = null;

  private constructor(given: string, server: EmbeddedServer, waiting: Waiting) {
    this.#given = given;
    this.#server = server;
    this.#waiting = waiting;
  }

  /** @throws as `startEmbeddedServer` does */
  static async start(dir: string, waiting: Waiting): Promise<EmbeddedSupervisor> {
    return new EmbeddedSupervisor(dir, await startEmbeddedServer({ dir, waiting }), waiting);
  }

  async url(): Promise<string> {
    if (this.#failure !== null) throw this.#failure;
    await this.verify();
    if (await this.#server.isAlive()) return this.#server.url;
    try {
      await this.#startAgain();
    } catch (error) {
      this.#failure = error;
      throw error;
    }
    return this.#server.url;
  }

  async verify(): Promise<void> {
    if (await this.#server.isThere()) return;
    throw new DestinationError(
      `the directory ${this.#given} was removed with the export in it; find out what removed it, and start again`,
    );
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  async #startAgain(): Promise<void> {
    const now = performance.now();
    this.#deaths = [...this.#deaths.filter((at) => now - at < WITHIN_MS), now];
    const { dir } = this.#server;
    if (this.#deaths.length > MAX_DEATHS) {
      throw new DestinationError(
        `embedded:${this.#given}: its server died ${this.#deaths.length} times within ${WITHIN_MS / 60_000} min, and ` +
          `was not started again; ${join(dir, logFile)} may give the reason`,
      );
    }
    const dead = this.#server;
    this.#server = await startEmbeddedServer({ dir, create: false, waiting: this.#waiting });
    // It removes the old registration of this process; there is a newer one.
    await dead.stop();
    this.#waiting.onNotice(
      `embedded:${this.#given}: its server had died and ${this.#server.adopted ? 'runs' : 'was started'} again`,
    );
  }
}
