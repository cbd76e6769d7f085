import { getEventListeners } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { CircuitBreaker, OutageTooLong } from '../../src/resilience/circuit-breaker.ts';
import { type RetryDecision, type RetryOptions, withRetries } from '../../src/resilience/retry.ts';
import { ManualClock } from './manual-clock.ts';
import { never } from './timing.ts';

class Failure extends Error {
  readonly fate: RetryDecision;
  constructor(reason: string, { attempts = 3, mayBeOutage = false, wait = true, atLeastMs = 0 } = {}) {
    super(reason);
    this.fate = { kind: 'retry', reason, attempts, wait, mayBeOutage, atLeastMs };
  }
}

function setUp(probe: () => Promise<void> = async () => {}) {
  const clock = new ManualClock();
  const end = new AbortController();
  onTestFinished(() => end.abort());
  const watch = new CircuitBreaker({
    maxOutageMs: 60_000,
    clock,
    signal: end.signal,
    probe,
    onChange: () => {},
  });
  const options: RetryOptions = {
    classify: (error) => (error instanceof Failure ? error.fate : { kind: 'give-up' }),
    breaker: watch,
    signal: never,
    random: () => 0.5,
    clock,
  };
  return { watch, clock, options };
}

/** Attempts that fail in this order and then succeed; counts them. */
function failing(...failures: Error[]) {
  const made = { attempts: 0 };
  const attempt = async (): Promise<string> => {
    const failure = failures[made.attempts];
    made.attempts += 1;
    if (failure !== undefined) throw failure;
    return 'done';
  };
  return { attempt, made };
}

test('attempts are made until one succeeds', async () => {
  const { watch, clock, options } = setUp();
  const { attempt, made } = failing(new Failure('a'), new Failure('a'));
  expect(await clock.until(withRetries(attempt, options))).toBe('done');
  expect(made.attempts).toBe(3);
  expect(watch.lastSuccessAt).toBe(clock.now());
});

test('as many failures as are allowed end it with the last error', async () => {
  const last = new Failure('a');
  const { clock, options } = setUp();
  const { attempt, made } = failing(new Failure('a'), new Failure('a'), last);
  await expect(clock.until(withRetries(attempt, options))).rejects.toBe(last);
  expect(made.attempts).toBe(3);
});

test('failures are counted by reason', async () => {
  const failures = ['a', 'b', 'a', 'b', 'c', 'b'].map((reason) => new Failure(reason));
  const { clock, options } = setUp();
  const { attempt, made } = failing(...failures);
  await expect(clock.until(withRetries(attempt, options))).rejects.toBe(failures[5]);
  expect(made.attempts).toBe(6);
});

test('an error that calls for no other attempt is thrown at once, and shows that the server answers', async () => {
  const { watch, clock, options } = setUp();
  const final = new Error('no such user');
  const { attempt, made } = failing(final);
  await expect(withRetries(attempt, options)).rejects.toBe(final);
  expect(made.attempts).toBe(1);
  expect(watch.lastSuccessAt).toBe(clock.now());
});

test('each wait is reported at its start and its end, and a retry at once has none', async () => {
  const { clock, options } = setUp();
  const waits: boolean[] = [];
  const { attempt } = failing(new Failure('a'), new Failure('b', { wait: false }), new Failure('a'));
  const began = clock.now();
  await clock.until(withRetries(attempt, { ...options, onWait: (waiting) => waits.push(waiting) }));
  expect(waits).toEqual([true, false, true, false]);
  // Half of 400 ms after the first failure for this reason, half of 800 after the second.
  expect(clock.now() - began).toBe(600);
});

test('a failure that asks for a longer wait gets it', async () => {
  const { clock, options } = setUp();
  const { attempt } = failing(new Failure('a', { atLeastMs: 7_000 }), new Failure('a', { atLeastMs: 1 }));
  const began = clock.now();
  await clock.until(withRetries(attempt, options));
  // And after the second failure, half of 800 ms.
  expect(clock.now() - began).toBe(7_400);
});

test('failures do not count while no caller succeeds; an outage clears the count', async () => {
  let up = false;
  const { watch, clock, options } = setUp(async () => {
    if (!up) throw new Error('down');
  });
  let attempts = 0;
  let afterwards = 0;
  const calling = withRetries(
    async () => {
      await watch.whenClosed(never);
      attempts += 1;
      if (!up) throw new Failure('a', { mayBeOutage: true });
      afterwards += 1;
      // One more than the attempts that are left if failures before the outage count.
      if (afterwards < 3) throw new Failure('a', { mayBeOutage: true });
      return 'done';
    },
    {
      ...options,
      onWait: () => {
        if (watch.openCount > 0) up = true;
      },
    },
  );
  expect(await clock.until(calling)).toBe('done');
  expect(attempts).toBeGreaterThan(3);
  expect(watch.openCount).toBe(1);
});

test('who fails while others succeed is to blame', async () => {
  const { watch, clock, options } = setUp(() => Promise.reject(new Error('not asked')));
  const failure = new Failure('a', { mayBeOutage: true });
  const attempt = async (): Promise<void> => {
    await clock.wait(1);
    // Someone else, meanwhile.
    watch.recordSuccess();
    throw failure;
  };
  await expect(clock.until(withRetries(attempt, options))).rejects.toBe(failure);
});

test('the last caller to fail is to blame when a probe succeeds', async () => {
  const failures = Array.from({ length: 10 }, () => new Failure('a', { mayBeOutage: true }));
  const { attempt, made } = failing(...failures);
  const { watch, clock, options } = setUp();
  await expect(clock.until(withRetries(attempt, options))).rejects.toBe(failures[2]);
  expect(made.attempts).toBe(3);
  expect(watch.openCount).toBe(0);
});

test('an outage that is too long is thrown unchanged, and does not count as a success', async () => {
  const tooLong = new OutageTooLong('too long');
  const { watch, options } = setUp();
  const { attempt, made } = failing(tooLong);
  await expect(withRetries(attempt, options)).rejects.toBe(tooLong);
  expect(made.attempts).toBe(1);
  expect(watch.lastSuccessAt).toBe(Number.NEGATIVE_INFINITY);
});

test('the error of a call that the caller aborts is thrown unchanged, and does not count as a success', async () => {
  const { watch, options } = setUp();
  const controller = new AbortController();
  const ended = new Error('ended');
  const attempt = async (): Promise<void> => {
    controller.abort();
    throw ended;
  };
  await expect(withRetries(attempt, { ...options, signal: controller.signal })).rejects.toBe(ended);
  expect(watch.lastSuccessAt).toBe(Number.NEGATIVE_INFINITY);
});

test('failures that cannot be an outage open no circuit breaker, however long they last', async () => {
  const { watch, clock, options } = setUp(() => Promise.reject(new Error('down')));
  const failures = Array.from({ length: 8 }, () => new Failure('a', { attempts: 9, atLeastMs: 5_000 }));
  const { attempt } = failing(...failures);
  expect(await clock.until(withRetries(attempt, options))).toBe('done');
  expect(watch.openCount).toBe(0);
});

test("an abort while waiting throws the signal's reason and ends the wait", async () => {
  const { options } = setUp();
  const controller = new AbortController();
  const reason = new Error('let go');
  const waits: boolean[] = [];
  const { attempt, made } = failing(new Failure('a'));
  const calling = withRetries(attempt, {
    ...options,
    signal: controller.signal,
    backoff: { baseMs: 3_600_000, capMs: 3_600_000 },
    random: () => 0.99,
    onWait: (waiting) => {
      waits.push(waiting);
      if (waiting) setImmediate(() => controller.abort(reason));
    },
  });
  await expect(calling).rejects.toBe(reason);
  expect(waits).toEqual([true, false]);
  expect(made.attempts).toBe(1);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
});

test('a signal that was aborted before makes no attempt', async () => {
  const reason = new Error('let go');
  const { attempt, made } = failing();
  const signal = AbortSignal.abort(reason);
  await expect(withRetries(attempt, { ...setUp().options, signal })).rejects.toBe(reason);
  expect(made.attempts).toBe(0);
});
