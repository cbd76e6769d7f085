import { getEventListeners } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  OutageTooLong,
} from '../../src/resilience/circuit-breaker.ts';
import { ManualClock } from './manual-clock.ts';
import { deferred, never, settled } from './timing.ts';

const down = new Error('down');

/** A circuit breaker whose server is unavailable until the test says otherwise. */
function watchOf(options: Partial<CircuitBreakerOptions> = {}) {
  const clock = new ManualClock();
  const server = { up: false, probes: 0 };
  const changes: unknown[] = [];
  const end = new AbortController();
  onTestFinished(() => end.abort());
  const watch = new CircuitBreaker({
    maxOutageMs: 60_000,
    suspectAfterMs: 10_000,
    probeEveryMs: 3_000,
    clock,
    signal: end.signal,
    probe: async () => {
      server.probes += 1;
      if (!server.up) throw down;
    },
    onChange: (outage) => {
      changes.push(outage === null ? 'over' : outage.cause);
    },
    ...options,
  });
  return { watch, clock, server, changes, end };
}

type Scene = ReturnType<typeof watchOf>;

/** Attempts fail for long enough to be suspicious. */
async function fail({ watch, clock }: Pick<Scene, 'watch' | 'clock'>, ms = 10_000): Promise<void> {
  watch.recordFailure(down);
  await clock.advance(ms);
  watch.recordFailure(down);
  await settled();
}

test('failures are no outage as long as they are young, or some attempt succeeds', async () => {
  const young = watchOf();
  await fail(young, 9_999);
  expect(young.server.probes).toBe(0);
  const { watch, clock, server } = watchOf();
  watch.recordFailure(down);
  await clock.advance(60_000);
  watch.recordSuccess();
  await fail({ watch, clock }, 9_999);
  expect(server.probes).toBe(0);
  await watch.whenClosed(never);
});

test('an outage reports since when no call has succeeded', async () => {
  const reported: number[] = [];
  const { watch, clock, server } = watchOf({
    onChange: (outage) => reported.push(outage === null ? -1 : outage.forMs),
  });
  watch.recordSuccess();
  await clock.advance(5_000);
  await fail({ watch, clock }, 12_000);
  expect(reported).toEqual([12_000]);
  server.up = true;
  await clock.until(watch.whenClosed(never));
  expect(reported).toEqual([12_000, -1]);
});

test('an outage is declared only when the probe fails, too', async () => {
  const { watch, clock, server, changes } = watchOf();
  server.up = true;
  await fail({ watch, clock });
  await watch.whenClosed(never);
  expect(server.probes).toBe(1);
  expect(changes).toEqual([]);
  expect(watch.openCount).toBe(0);
});

test('everyone waits until a probe succeeds, and the outage is reported once at either end', async () => {
  const { watch, clock, server, changes } = watchOf();
  await fail({ watch, clock });
  expect(watch.openCount).toBe(1);
  expect(changes).toEqual([down]);
  let waiting = 2;
  const waits = [1, 2].map(() => watch.whenClosed(never).then(() => (waiting -= 1)));
  expect(server.probes).toBe(1);
  await clock.advance(9_000);
  expect(server.probes).toBe(4);
  watch.recordFailure(down);
  expect(waiting).toBe(2);
  expect(watch.isOpen).toBe(true);
  expect(await watch.probeNow()).toBe(false);
  expect(server.probes).toBe(4);
  server.up = true;
  await clock.advance(2_999);
  expect(waiting).toBe(2);
  await clock.until(Promise.all(waits));
  expect(changes).toEqual([down, 'over']);
  expect(watch.openCount).toBe(1);
  expect(watch.lastSuccessAt).toBe(clock.now());
  await watch.whenClosed(never);
});

test('a success elsewhere ends an outage although its probes fail', async () => {
  const { watch, clock, changes } = watchOf();
  await fail({ watch, clock });
  const cleared = watch.whenClosed(never);
  watch.recordSuccess();
  await clock.until(cleared);
  expect(changes).toEqual([down, 'over']);
});

test('a second outage is one of its own', async () => {
  const { watch, clock, server, changes } = watchOf();
  for (const n of [1, 2]) {
    server.up = false;
    await fail({ watch, clock });
    expect(watch.openCount).toBe(n);
    server.up = true;
    await clock.until(watch.whenClosed(never));
  }
  expect(changes).toEqual([down, 'over', down, 'over']);
});

test('an outage that lasts too long ends the waiting with what was seen last', async () => {
  const { watch, clock } = watchOf({ maxOutageMs: 20_000 });
  const began = clock.now();
  await fail({ watch, clock });
  const waits = await clock.until(Promise.allSettled([watch.whenClosed(never), watch.whenClosed(never)]));
  expect(clock.now() - began).toBe(20_000);
  for (const wait of waits) {
    if (wait.status === 'fulfilled') throw new Error('the outage ended');
    expect(wait.reason).toBeInstanceOf(OutageTooLong);
    expect(wait.reason).toHaveProperty('cause', down);
  }
});

test('an aborted caller stops waiting, with the reason, and the others wait', async () => {
  const { watch, clock, server } = watchOf();
  await fail({ watch, clock });
  const controller = new AbortController();
  const other = watch.whenClosed(never);
  const waiting = watch.whenClosed(controller.signal);
  const reason = new Error('let go');
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(watch.whenClosed(controller.signal)).rejects.toBe(reason);
  server.up = true;
  await clock.until(other);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
});

test("the end of everything ends an outage with the watch's own reason", async () => {
  const { watch, clock, server, end } = watchOf();
  await fail({ watch, clock });
  const waiting = watch.whenClosed(never);
  const reason = new Error('the run ends');
  end.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await clock.advance(60_000);
  expect(server.probes).toBe(1);
});

test('a probe that was ended with everything else declares no outage', async () => {
  const probing = deferred();
  const { watch, clock, changes, end } = watchOf({ probe: () => probing.promise });
  await fail({ watch, clock });
  end.abort(new Error('the run ends'));
  probing.reject(new Error('aborted'));
  await settled();
  expect(changes).toEqual([]);
  expect(watch.openCount).toBe(0);
});

test('an outage that lasted too long stays so for everybody who comes later', async () => {
  const { watch, clock, changes } = watchOf({ maxOutageMs: 0 });
  await fail({ watch, clock });
  await expect(watch.whenClosed(never)).rejects.toBeInstanceOf(OutageTooLong);
  const seen = changes.length;
  await fail({ watch, clock });
  await expect(watch.whenClosed(never)).rejects.toBeInstanceOf(OutageTooLong);
  expect(changes).toHaveLength(seen);
});

test('a wait that is over leaves no listener at its signal', async () => {
  const { watch, clock, server } = watchOf();
  await fail({ watch, clock });
  const { signal } = new AbortController();
  const waiting = watch.whenClosed(signal);
  server.up = true;
  await clock.until(waiting);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  expect(watch.isOpen).toBe(false);
});

test('a success during the first probe leaves no outage, although the probe fails', async () => {
  const probing = deferred();
  const { watch, clock, changes } = watchOf({ probe: () => probing.promise });
  await fail({ watch, clock });
  watch.recordSuccess();
  probing.reject(down);
  await watch.whenClosed(never);
  expect(changes).toEqual([]);
  expect(watch.openCount).toBe(0);
});

test('no probe is made after an outage that lasted too long', async () => {
  const { watch, clock, server } = watchOf();
  await fail({ watch, clock });
  await clock.advance(60_000);
  await expect(watch.whenClosed(never)).rejects.toThrow(OutageTooLong);
  const { probes } = server;
  expect(await watch.probeNow()).toBe(false);
  expect(server.probes).toBe(probes);
});

test('a probe after one that has ended asks again', async () => {
  const { watch, server } = watchOf();
  expect(await watch.probeNow()).toBe(false);
  server.up = true;
  expect(await watch.probeNow()).toBe(true);
  expect(server.probes).toBe(2);
});
