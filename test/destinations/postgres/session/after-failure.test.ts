import pg from 'pg';
import { describe, expect, test } from 'vitest';
import {
  AbortedByStop,
  DestinationError,
  DestinationLocked,
  DestinationTimeout,
  InvalidDestination,
  LockLost,
} from '../../../../src/destinations/contract/destination-error.ts';
import { ServerUnresponsive } from '../../../../src/destinations/postgres/connect/server-errors.ts';
import {
  type AfterFailure,
  afterFailure,
  NO_FAILURES,
  type WorkFailures,
} from '../../../../src/destinations/postgres/session/after-failure.ts';

const NOW = 1_000_000;
const MAX_OUTAGE_MS = 300_000;

const ofServer = (code: string, message = 'said the server'): pg.DatabaseError => {
  const error = new pg.DatabaseError(message, message.length, 'error');
  error.code = code;
  return error;
};

const errors = {
  'a lock timeout': ofServer('55P03'),
  'a serialization failure': ofServer('40001'),
  'a deadlock': ofServer('40P01'),
  'a lost connection': new Error('Connection terminated unexpectedly'),
  'a silent server': new ServerUnresponsive('no answer'),
  'a server that shuts down': ofServer('57P01'),
  'a read-only server': ofServer('25006'),
  'a lock that another run holds': new DestinationLocked('run 8 holds it'),
  'a lock that may be our own': new DestinationLocked('run 7 holds it', { mayBeOurs: true }),
  'a destination that became unusable': new InvalidDestination('the CA file is gone'),
  'a refused statement': ofServer('42501', 'permission denied'),
  'a full disk': ofServer('53100'),
  'a fault of the program': new TypeError('undefined is not a function'),
  'a stop': new AbortedByStop('the grace is over'),
  'a timeout': new DestinationTimeout('it is stuck'),
};

type Situation = Partial<WorkFailures> & { readonly maxOutageMs?: number; readonly isStopped?: boolean };

function decide(error: unknown, situation: Situation = {}): AfterFailure {
  const { maxOutageMs = MAX_OUTAGE_MS, isStopped = false, ...failures } = situation;
  return afterFailure(
    error,
    { ...NO_FAILURES, ...failures },
    { name: 'postgres://db', maxOutageMs },
    { now: NOW, isStopped },
  );
}

/** After one loss, which was seen so many ms ago. */
const lost = (forMs: number, losses = 1): Situation => ({ losses, lostAt: NOW - forMs });

const RETRY = { kind: 'retry', connections: 'keep', outageMs: null };
const RECONNECT = { kind: 'retry', connections: 'close', outageMs: null };
const WAIT = { kind: 'wait', connections: 'close', outageMs: null };
const FAIL = { kind: 'fail', connections: 'keep', outageMs: null, isFinal: false };
const DROP = { ...FAIL, connections: 'drop' };
const GIVE_UP = { ...FAIL, connections: 'close', isFinal: true };

describe('the decision after', () => {
  test.each<[keyof typeof errors, string, Situation, object]>([
    ['a lock timeout', 'at first', {}, RETRY],
    ['a lock timeout', 'that --max-outage has room for', { lockTimeouts: 4 }, RETRY],
    ['a lock timeout', 'past --max-outage', { lockTimeouts: 5 }, FAIL],
    ['a lock timeout', 'under a short --max-outage', { maxOutageMs: 59_999 }, FAIL],
    ['a serialization failure', 'at first', {}, RETRY],
    ['a deadlock', 'for the fifth time', { conflicts: 4 }, RETRY],
    ['a deadlock', 'for the sixth time', { conflicts: 5 }, FAIL],
    ['a lost connection', 'at first', {}, RECONNECT],
    ['a lost connection', 'at first, after a stop', { isStopped: true }, RECONNECT],
    ['a lost connection', 'for the second time', lost(80), { ...WAIT, outageMs: 80 }],
    ['a lost connection', 'for the third time', lost(80, 2), WAIT],
    ['a lost connection', 'for --max-outage', lost(MAX_OUTAGE_MS, 9), WAIT],
    ['a lost connection', 'past --max-outage', lost(MAX_OUTAGE_MS + 1, 9), GIVE_UP],
    ['a lost connection', 'past a short one', { ...lost(5, 1), maxOutageMs: 4 }, { ...GIVE_UP, outageMs: 5 }],
    [
      'a lost connection',
      'after a stop',
      { ...lost(80, 2), isStopped: true },
      { ...GIVE_UP, isFinal: false },
    ],
    ['a silent server', 'at first', {}, RECONNECT],
    ['a server that shuts down', 'for the third time', lost(80, 2), WAIT],
    ['a read-only server', 'at first', {}, RECONNECT],
    ['a read-only server', 'past --max-outage', lost(MAX_OUTAGE_MS + 1, 2), GIVE_UP],
    ['a lock that another run holds', 'at first', {}, { ...FAIL, isFinal: true }],
    ['a lock that another run holds', 'after a loss', lost(80), { ...FAIL, isFinal: true }],
    ['a lock that may be our own', 'at first', {}, RECONNECT],
    ['a lock that may be our own', 'for a minute', lost(60_000, 2), WAIT],
    ['a lock that may be our own', 'for more than a minute', lost(60_001, 2), GIVE_UP],
    ['a lock that may be our own', 'past --max-outage', { ...lost(5, 2), maxOutageMs: 4 }, GIVE_UP],
    ['a lock that may be our own', 'after a stop', { ...lost(80, 2), isStopped: true }, GIVE_UP],
    ['a destination that became unusable', 'at first', {}, FAIL],
    ['a refused statement', 'at first', {}, FAIL],
    ['a full disk', 'at first', {}, FAIL],
    ['a fault of the program', 'at first', {}, FAIL],
    ['a stop', 'during the work', { isStopped: true }, DROP],
    ['a timeout', 'at first', {}, { ...DROP, isFinal: true }],
  ])('%s %s', (name, _, situation, expected) => {
    expect(decide(errors[name], situation)).toMatchObject(expected);
  });
});

describe('what is counted', () => {
  test.each<[keyof typeof errors, Partial<WorkFailures>]>([
    ['a lock timeout', { lockTimeouts: 2, conflicts: 1, losses: 1, lostAt: NOW - 80 }],
    ['a deadlock', { lockTimeouts: 1, conflicts: 2, losses: 1, lostAt: NOW - 80 }],
    ['a lost connection', { lockTimeouts: 1, conflicts: 1, losses: 2, lostAt: NOW - 80 }],
  ])('%s adds to its own count, and the outage began with the first loss', (name, failures) => {
    const before = { lockTimeouts: 1, conflicts: 1, ...lost(80) };
    expect(decide(errors[name], before)).toMatchObject({ failures });
  });

  test('the first loss begins the outage', () => {
    expect(decide(errors['a lost connection'])).toMatchObject({ failures: { losses: 1, lostAt: NOW } });
  });
});

describe('the error in the end', () => {
  test.each<[keyof typeof errors, Situation, abstract new (...args: never[]) => Error, RegExp]>([
    ['a lock that another run holds', {}, LockLost, /^the lock was lost while this run was at work: run 8/],
    ['a lock that may be our own', lost(60_001, 2), LockLost, /^the lock was lost .*: run 7 holds it$/],
    [
      'a silent server',
      lost(MAX_OUTAGE_MS + 1, 2),
      DestinationError,
      /did not recover within 5 min; .*no answer/,
    ],
    [
      'a silent server',
      { ...lost(9, 2), isStopped: true },
      AbortedByStop,
      /^postgres:\/\/db was unavailable when/,
    ],
    ['a destination that became unusable', {}, DestinationError, /^the CA file is gone$/],
    [
      'a refused statement',
      {},
      DestinationError,
      /^postgres:\/\/db: permission denied \(42501\); ask its owner/,
    ],
    ['a deadlock', { conflicts: 5 }, DestinationError, /^postgres:\/\/db: said the server \(40P01\)$/],
  ])('of %s says what was waited for, and why', (name, situation, kind, message) => {
    const decision = decide(errors[name], situation);
    const error = decision.kind === 'fail' ? decision.error : null;
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ message: expect.stringMatching(message), cause: errors[name] });
  });

  test.each(['a fault of the program', 'a stop', 'a timeout'] as const)('%s is thrown as it is', (name) => {
    expect(decide(errors[name])).toMatchObject({ error: errors[name] });
  });
});
