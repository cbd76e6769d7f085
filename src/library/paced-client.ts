import { setMaxListeners } from 'node:events';
import type { ChatApiClient } from '../chat-api/client.ts';
import type { PullJob } from '../config/model/job.ts';
import { readPull } from '../config/read-pull.ts';
import { pullOptionNames } from '../config/sources/code-options.ts';
import { SuppressedUsers } from '../destinations/contract/suppressed-users.ts';
import { ApiCaller, newTally } from '../run/calls/api-caller.ts';
import { apiClient } from '../run/calls/api-client.ts';
import { idCodec } from '../run/ids/id-codec.ts';
import { jobSecrets } from '../run/plan/job-secrets.ts';
import { pullUser } from '../run/pull/pull-user.ts';
import { KeyWatch } from '../user-list/key-watch.ts';
import type { Abortable, ContactGroupClient, PulledUser } from './contact-group-client.ts';
import { ClientClosed } from './contact-group-client.ts';
import { mapUnordered } from './map-unordered.ts';
import type { PullOptions } from './options.ts';
import { outageEvent, type PullListeners } from './pull-listeners.ts';
import { safeListener, safeWarningListener } from './safe-listener.ts';
import { jobSources } from './sources.ts';
import { unexportedUser } from './unexported-user.ts';
import { checkUserId, type IdStream, openIds, type UserIds } from './user-ids.ts';

/** Reads the options and creates a client. @throws {JobError} with every problem of the options at once */
export async function createPacedClient(
  options: PullOptions,
  listeners: PullListeners,
): Promise<PacedClient> {
  return new PacedClient(await readPull(jobSources(options, pullOptionNames)), listeners);
}

// Rows stay in the program that asks for them, so suppressed users are its own concern.
const NAMES = idCodec(null);

/** All pulls go through one caller, and so through one rate limiter. */
export class PacedClient implements ContactGroupClient {
  readonly #job: PullJob;
  readonly #watch: KeyWatch;
  readonly #client: ChatApiClient;
  readonly #caller: ApiCaller;
  readonly #closed = new AbortController();
  #begun = 0;

  constructor(job: PullJob, listeners: PullListeners) {
    // Every call under way listens to it.
    setMaxListeners(0, this.#closed.signal);
    const onWarning = safeWarningListener(listeners.onWarning);
    const onOutage = safeListener('onOutage', listeners.onOutage, onWarning);
    this.#job = job;
    this.#watch = new KeyWatch(jobSecrets({ api: job.api }));
    this.#client = apiClient(job, onWarning);
    this.#caller = new ApiCaller({
      ...job.pull,
      client: this.#client,
      canaryUserId: null,
      onOutage: (outage) => onOutage?.(outageEvent('api', outage)),
      onRetry: safeListener('onRetry', listeners.onRetry, onWarning),
      onSlotGranted: () => {},
      onFailed: () => {},
      onRateNotice: onWarning,
      redact: NAMES.redact,
      abort: this.#closed.signal,
    });
  }

  async *pull(users: UserIds, control: Abortable = {}): AsyncGenerator<PulledUser, void, undefined> {
    yield* this.pullFrom(openIds(users), control);
  }

  /** Pulls IDs that are already being read, and ends the reading. */
  async *pullFrom(ids: IdStream, { signal }: Abortable): AsyncGenerator<PulledUser, void, undefined> {
    const closed = this.#closed.signal;
    const over = new AbortController();
    setMaxListeners(0, over.signal);
    const asked = new AbortController();
    const onAbort = (): void => asked.abort(signal?.reason);
    const onClosed = (): void => asked.abort(closed.reason);
    if (signal?.aborted) onAbort();
    if (closed.aborted) onClosed();
    signal?.addEventListener('abort', onAbort, { once: true });
    closed.addEventListener('abort', onClosed, { once: true });
    let number = 0;
    try {
      yield* mapUnordered(ids, {
        width: this.#job.pull.concurrency,
        work: (userId) => {
          number += 1;
          return this.#pullOne(userId, number, over.signal);
        },
        stop: asked.signal,
        onEnd: (reason) => over.abort(reason),
      });
    } finally {
      signal?.removeEventListener('abort', onAbort);
      closed.removeEventListener('abort', onClosed);
    }
  }

  async close(): Promise<void> {
    this.#closed.abort(new ClientClosed());
    await this.#client.close();
  }

  async #pullOne(userId: unknown, number: number, over: AbortSignal): Promise<PulledUser> {
    checkUserId(userId, number, this.#watch);
    const tally = newTally();
    this.#begun += 1;
    const { api, pull, rows } = this.#job;
    const settings = {
      sdkAppId: api.sdkAppId,
      maxPages: pull.maxPages,
      unknownItems: rows.unknownItems,
      names: NAMES,
      suppressed: SuppressedUsers.none,
      dropFreeText: false,
    };
    const context = {
      // The user who started first has the highest priority, in any loop.
      priority: -this.#begun,
      signal: over,
      abort: over,
      tallies: [tally],
      onWait: () => {},
    };
    const outcome = await pullUser(userId, this.#caller, settings, context, (rows) => rows);
    switch (outcome.kind) {
      case 'exported': {
        const { conversations, contactGroups, memberships, oddities } = outcome.taken;
        const { pages, calls: attempts } = tally;
        return {
          status: 'exported',
          userId,
          conversations,
          contactGroups,
          memberships,
          anomalies: oddities,
          pages,
          calls: attempts,
        };
      }
      case 'unexported':
        return unexportedUser(outcome.row);
      case 'deferred':
        throw over.reason;
    }
  }
}
