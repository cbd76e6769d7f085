import { setMaxListeners } from 'node:events';
import { CallError } from '../../../src/chat-api/call-error.ts';
import { ChatApiClient } from '../../../src/chat-api/client.ts';
import { Credentials } from '../../../src/chat-api/credentials.ts';
import { SlotLeaseRow } from '../../../src/destinations/postgres/sharing/slot-lease-row.ts';
import { LeasedRateLimiter } from '../../../src/resilience/leased-rate-limiter.ts';
import { LocalRateLimiter } from '../../../src/resilience/local-rate-limiter.ts';
import type { Slot } from '../../../src/resilience/rate-limiter.ts';
import { userId } from '../../../src/simulator/content/user-id.ts';
import { defaultOptions } from '../../../src/simulator/options/options.ts';
import type { WorkerInput, WorkerState } from './workers.ts';

/**
 * A process that shares a quota with others, and never runs out of calls: `concurrency` at a time, each for another user of a
 * simulation. It answers each message with its state, and ends when its parent disconnects.
 */
process.once('message', (message) => {
  const {
    database,
    schema,
    endpoint,
    rate,
    margin,
    concurrency,
    users,
    leased = true,
  } = message as WorkerInput;
  const { sdkAppId, identifier, secretKey } = defaultOptions;
  const app = { sdkAppId, identifier };
  const client = new ChatApiClient({
    ...app,
    endpoint,
    credentials: new Credentials({ kind: 'secretKey', secretKey: { reveal: () => secretKey } }, app),
    timeoutMs: 10_000,
    connections: concurrency,
    ca: [],
    proxy: null,
    nameAdvice: null,
  });
  const row = { url: database, name: 'postgres://test', schema, sdkAppId, endpoint };
  const limiter = leased
    ? new LeasedRateLimiter({ leases: new SlotLeaseRow(row), rate, margin })
    : new LocalRateLimiter({ rate, margin });
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  let [calls, limited, failed, next] = [0, 0, 0, process.pid];

  const call = async (slot: Slot): Promise<void> => {
    calls += 1;
    next += 1;
    try {
      await client.call(userId(next % users, 0), 0, slot.written, signal);
      slot.accepted();
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      failed += 1;
      if (error.class === 'limit') {
        limited += 1;
        slot.limited();
      }
      if (error.retryAfterMs !== null) slot.hold(error.retryAfterMs);
    } finally {
      slot.release();
    }
  };
  const callAgainAndAgain = async (): Promise<void> => {
    for (;;) await call(await limiter.slot(signal));
  };
  for (let n = 0; n < concurrency; n += 1) void callAgainAndAgain();
  process.on('message', () => {
    const state: WorkerState = { calls, limited, failed, factor: limiter.factor, marginMs: limiter.marginMs };
    process.send?.(state);
  });
});
process.once('disconnect', () => process.exit());
