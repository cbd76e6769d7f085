import type { Chunk } from '../../../destinations/contract/destination.ts';
import { ApiUnusable } from '../../errors/run-errors.ts';
import { explainUnexported } from '../../events/causes.ts';
import type { UserOutcome } from '../pull-user.ts';

const TOO_MANY = 100;

/**
 * Stops the run when many users in a row fail with the same code: the cause is not the users. A single chunk can hold unusual
 * users, so chunks are not counted.
 */
export class ConsecutiveFailuresGuard {
  #key = '';
  #users = 0;
  readonly #chunks = new Set<number>();

  /** @throws {ApiUnusable} at the hundredth in a row */
  observe(chunk: Chunk, outcome: UserOutcome): void {
    // In the second pass, every user has failed before.
    if (outcome.kind === 'deferred' || chunk.pass === 2) return;
    const failed = outcome.kind === 'unexported' && outcome.row.reason !== 'not_in_app' ? outcome.row : null;
    const key = failed === null ? '' : String(failed.error_code ?? failed.reason);
    if (key !== this.#key) {
      this.#key = key;
      this.#users = 0;
      this.#chunks.clear();
    }
    if (failed === null) return;
    this.#users += 1;
    this.#chunks.add(chunk.number);
    if (this.#users < TOO_MANY || this.#chunks.size < 2) return;
    const { description, hint } = explainUnexported(failed);
    throw new ApiUnusable(
      `${this.#users} users in a row failed with ${key} (${description}); the last of them, ${failed.user_id}: ${failed.error_info}; ${hint}`,
      { apiCode: failed.error_code === null ? null : Number(failed.error_code) },
    );
  }
}
