import { getEventListeners } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  OutageTooLong,
} from '../../src/resilience/circuit-breaker.ts';
import { deferred, never, settled, sleep } from './timing.ts';

const down = new Error('down');

/** A watch whose server is away until the test says otherwise. */
function watchOf(options: Partial<CircuitBreakerOptions> = {}) {
  const server = { up: false, probes: 0 };
  const changes: unknown[] = [];
  const changed: (() => void)[] = [];
  const end = new AbortController();
  onTestFinished(() => end.abort());
  const watch = new CircuitBreaker({
    maxOutageMs: 60_000,
    suspectAfterMs: 50,
    probeEveryMs: 20,
    signal: end.signal,
    probe: async () => {
      server.probes += 1;
      if (!server.up) throw down;
    },
    onChange: (outage) => {
      changes.push(outage === null ? 'over' : outage.cause);
      for (const tell of changed.splice(0)) tell();
    },
    ...options,
  });
  return { watch, server, changes, end, change: () => new Promise<void>((resolve) => changed.push(resolve)) };
}

/** Attempts fail for long enough to be suspicious. */
async function fail(watch: CircuitBreaker, ms = 60): Promise<void> {
  const end = performance.now() + ms;
  for (watch.recordFailure(down); performance.now() < end; watch.recordFailure(down)) await sleep(5);
  watch.recordFailure(down);
}

test('failures are no outage as long as they are young, or some attempt succeeds', async () => {
  const { watch, server } = watchOf({ suspectAfterMs: 60_000 });
  await fail(watch);
  expect(server.probes).toBe(0);
  const other = watchOf();
  other.watch.recordFailure(down);
  await sleep(60);
  other.watch.recordSuccess();
  other.watch.recordFailure(down);
  expect(other.server.probes).toBe(0);
  await other.watch.whenClosed(never);
});

test('an outage tells since when nothing has worked', async () => {
  const told: number[] = [];
  const { watch, server } = watchOf({ onChange: (outage) => told.push(outage === null ? -1 : outage.forMs) });
  watch.recordSuccess();
  const alive = performance.now();
  await fail(watch);
  server.up = true;
  await watch.whenClosed(never);
  const [forMs = 0] = told;
  expect(forMs).toBeGreaterThanOrEqual(50);
  expect(forMs).toBeLessThanOrEqual(performance.now() - alive);
});

test('an outage is declared only when the probe fails, too', async () => {
  const { watch, server, changes } = watchOf();
  server.up = true;
  await fail(watch);
  await watch.whenClosed(never);
  expect(server.probes).toBeGreaterThan(0);
  expect(changes).toEqual([]);
  expect(watch.openCount).toBe(0);
});

test('everyone waits until a probe succeeds, and the outage is told once at either end', async () => {
  const { watch, server, changes, change } = watchOf();
  const declared = change();
  await fail(watch);
  await declared;
  expect(watch.openCount).toBe(1);
  expect(changes).toEqual([down]);
  let waiting = 2;
  const waits = [1, 2].map(() => watch.whenClosed(never).then(() => (waiting -= 1)));
  const { probes } = server;
  while (server.probes < probes + 3) await sleep(5);
  watch.recordFailure(down);
  expect(waiting).toBe(2);
  expect(await watch.probeNow()).toBe(false);
  server.up = true;
  await Promise.all(waits);
  expect(changes).toEqual([down, 'over']);
  expect(watch.openCount).toBe(1);
  expect(watch.lastSuccessAt).toBeGreaterThan(0);
  await watch.whenClosed(never);
});

test('a success elsewhere ends an outage although its probes fail', async () => {
  const { watch, changes, change } = watchOf();
  const declared = change();
  await fail(watch);
  await declared;
  const cleared = watch.whenClosed(never);
  watch.recordSuccess();
  await cleared;
  expect(changes).toEqual([down, 'over']);
});

test('a second outage is one of its own', async () => {
  const { watch, server, changes } = watchOf();
  for (const n of [1, 2]) {
    server.up = false;
    await fail(watch);
    while (watch.openCount < n) await sleep(5);
    server.up = true;
    await watch.whenClosed(never);
  }
  expect(changes).toEqual([down, 'over', down, 'over']);
});

test('an outage that lasts too long ends the waiting with what was seen last', async () => {
  const { watch } = watchOf({ maxOutageMs: 200 });
  await fail(watch);
  const waits = await Promise.allSettled([watch.whenClosed(never), watch.whenClosed(never)]);
  for (const wait of waits) {
    if (wait.status === 'fulfilled') throw new Error('the outage ended');
    expect(wait.reason).toBeInstanceOf(OutageTooLong);
    expect(wait.reason).toHaveProperty('cause', down);
  }
});

test('who is aborted stops waiting, with the reason, and the others go on waiting', async () => {
  const { watch, server, change } = watchOf();
  const declared = change();
  await fail(watch);
  await declared;
  const controller = new AbortController();
  const other = watch.whenClosed(never);
  const waiting = watch.whenClosed(controller.signal);
  const reason = new Error('let go');
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(watch.whenClosed(controller.signal)).rejects.toBe(reason);
  server.up = true;
  await other;
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
});

test("the end of everything ends an outage with the watch's own reason", async () => {
  const { watch, change, end } = watchOf({ probeEveryMs: 60_000 });
  const declared = change();
  await fail(watch);
  await declared;
  const waiting = watch.whenClosed(never);
  const reason = new Error('the run ends');
  end.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});

test('a probe that was ended with everything else declares no outage', async () => {
  const probing = deferred();
  const { watch, changes, end } = watchOf({ probe: () => probing.promise });
  await fail(watch);
  end.abort(new Error('the run ends'));
  probing.reject(new Error('aborted'));
  await settled();
  expect(changes).toEqual([]);
  expect(watch.openCount).toBe(0);
});

test('an outage that lasted too long stays so for everybody who comes later', async () => {
  const { watch, changes } = watchOf({ maxOutageMs: 0 });
  await fail(watch);
  await expect(watch.whenClosed(never)).rejects.toBeInstanceOf(OutageTooLong);
  const seen = changes.length;
  await fail(watch);
  await expect(watch.whenClosed(never)).rejects.toBeInstanceOf(OutageTooLong);
  expect(changes).toHaveLength(seen);
});
