import { expectTypeOf, test } from 'vitest';
import {
  type AnyChatExportError,
  type ContactGroupRow,
  type ConversationRow,
  createClient,
  type ExportOptions,
  type ExportOutcome,
  exportContactGroups,
  type FailureReason,
  type PulledUser,
  type PullOptions,
  pullContactGroups,
} from '../../src/index.ts';

// tsc checks these: no line of them runs.
const onlyTypes = (_: () => unknown): void => {};

test('status narrows the type of a pulled user', () => {
  expectTypeOf<PulledUser['status']>().toEqualTypeOf<'exported' | 'not-in-app' | 'failed'>();
  onlyTypes(() => (user: PulledUser) => {
    switch (user.status) {
      case 'exported':
        expectTypeOf(user.conversations).toEqualTypeOf<readonly ConversationRow[]>();
        expectTypeOf(user.contactGroups).toEqualTypeOf<readonly ContactGroupRow[]>();
        // @ts-expect-error one who was exported has no code
        return user.code;
      case 'failed':
        expectTypeOf(user.reason).toEqualTypeOf<FailureReason>();
        expectTypeOf(user.code).toEqualTypeOf<number | null>();
        // @ts-expect-error one who failed has no rows
        return user.conversations;
      case 'not-in-app':
        // @ts-expect-error there is one reason only
        return user.reason;
      default:
        return expectTypeOf(user).toBeNever();
    }
  });
});

test('rows have the columns of the tables, instants as texts', () => {
  expectTypeOf<ConversationRow['conversation_type']>().toEqualTypeOf<string>();
  expectTypeOf<ConversationRow['source_updated_at']>().toEqualTypeOf<string | null>();
  expectTypeOf<ConversationRow['is_starred']>().toEqualTypeOf<boolean | null>();
});

test('status narrows the type of an outcome', () => {
  onlyTypes(() => (outcome: ExportOutcome) => {
    if (outcome.status === 'finished') {
      expectTypeOf(outcome.exitCode).toEqualTypeOf<0 | 3>();
      expectTypeOf(outcome.run.counts.exported).toBeNumber();
    } else if (outcome.status === 'stopped') {
      if (outcome.by === 'signal') expectTypeOf(outcome.exitCode).toEqualTypeOf<130>();
      // @ts-expect-error it may have been stopped before there was a run
      outcome.run.runId;
    } else if (outcome.status === 'finished-by-another') {
      expectTypeOf(outcome.exitCode).toEqualTypeOf<0 | 3>();
      expectTypeOf(outcome.run.runId).toBeNumber();
    } else expectTypeOf(outcome.run).toBeNull();
  });
});

test('code identifies the errors', () => {
  onlyTypes(() => (error: AnyChatExportError) => {
    if (error.code === 'API_UNUSABLE') expectTypeOf(error.apiCode).toEqualTypeOf<number | null>();
    if (error.code === 'JOB_INVALID') expectTypeOf(error.problems).toEqualTypeOf<readonly string[]>();
    // @ts-expect-error there is no such code
    return error.code === 'NO_SUCH_CODE';
  });
});

test('options have their names and their types', () => {
  expectTypeOf<ExportOptions>().toExtend<PullOptions>();
  expectTypeOf<PullOptions['timeout']>().toEqualTypeOf<number | string | undefined>();
  const app: PullOptions = { region: 'singapore', sdkAppId: 1, secretKey: 'x' };
  onlyTypes(() => [
    exportContactGroups({
      ...app,
      users: 'users.txt',
      to: 'csv:export',
      maxLostRows: '5%',
      retryFailed: 'last',
    }),
    // @ts-expect-error a job file writes it so, code does not
    exportContactGroups({ ...app, 'sdk-app-id': 1 }),
    // @ts-expect-error there is no such option
    pullContactGroups('amy', { ...app, rrate: 5 }),
    // @ts-expect-error pulling writes nowhere
    pullContactGroups('amy', { ...app, to: 'csv:export' }),
    // @ts-expect-error numbers are numbers
    createClient({ ...app, rate: '5' }),
    // @ts-expect-error there is no such region
    createClient({ ...app, region: 'mars' }),
    // @ts-expect-error a share has its sign
    exportContactGroups({ ...app, maxLostRows: '5' }),
    // @ts-expect-error how the command shows itself is the command's
    exportContactGroups({ ...app, json: true }),
    // @ts-expect-error there is no such event
    exportContactGroups(app, { onFinished: () => {} }),
    // @ts-expect-error IDs are texts
    pullContactGroups([1], app),
  ]);
});

test('users are a text, or whatever gives texts', () => {
  async function* stream() {
    yield 'amy';
  }
  onlyTypes(() => [
    pullContactGroups('amy', {}),
    pullContactGroups(['amy'], {}),
    pullContactGroups(new Set(['amy']), {}),
    pullContactGroups(stream(), {}),
  ]);
  expectTypeOf(pullContactGroups).returns.toExtend<AsyncIterable<PulledUser>>();
});
