import { expect, test } from 'vitest';
import { asFailure } from '../../../src/cli/command/failure.ts';
import { UsageError } from '../../../src/cli/command/usage-error.ts';
import { JobError } from '../../../src/config/model/job-error.ts';
import {
  AbortedByStop,
  DestinationError,
  DestinationLocked,
  DestinationTimeout,
  LockLost,
} from '../../../src/destinations/contract/destination-error.ts';
import { QueryError } from '../../../src/destinations/contract/query-error.ts';
import { GuardTripped } from '../../../src/run/errors/run-errors.ts';

test.each<[string, Error, number, readonly string[]]>([
  ['a wrong command line', new UsageError('--to: give it once'), 2, ['--to: give it once']],
  ['a refused statement', new QueryError('no such table'), 2, ['no such table']],
  ['a job, one line a problem', new JobError(['--a: x', '--b: y']), 2, ['--a: x', '--b: y']],
  ['a destination', new DestinationError('gone'), 5, ['gone']],
  ['a destination that took too long', new DestinationTimeout('slow'), 5, ['slow']],
  ['a guard', new GuardTripped('too many'), 6, ['too many']],
  ['a lock that another run took', new LockLost('taken over'), 8, ['taken over']],
  ['a lock, with its hint', new DestinationLocked('taken'), 8, ['taken; wait until it ends, or stop it']],
  ['SIGINT while the destination was busy', new AbortedByStop('busy', { cause: 'SIGINT' }), 130, []],
  ['SIGTERM while the destination was busy', new AbortedByStop('busy', { cause: 'SIGTERM' }), 143, []],
  ['another stop while the destination was busy', new AbortedByStop('busy', { cause: 'abort' }), 5, ['busy']],
])('%s', (_what, error, exitCode, lines) => {
  expect(asFailure(error)).toEqual({ exitCode, lines });
});

test('an error that is not the program’s own is a bug, and is shown with its stack', () => {
  const { exitCode, lines } = asFailure(new TypeError('x is not a function'));
  expect(exitCode).toBe(1);
  expect(lines.join()).toMatch(
    /^this is a bug in chat-export, please report it: TypeError: x is not a function\n {4}at /,
  );
  expect(asFailure('thrown text')).toEqual({ exitCode: 1, lines: ['thrown text'] });
});
