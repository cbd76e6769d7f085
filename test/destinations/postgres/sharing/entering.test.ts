import { describe, expect, test } from 'vitest';
import type { RunWriter } from '../../../../src/destinations/contract/destination.ts';
import { LockLost } from '../../../../src/destinations/contract/destination-error.ts';
import type { PostgresDestination } from '../../../../src/destinations/postgres/postgres-destination.ts';
import { hasPgBoss } from '../../../support/pg-boss.ts';
import { whenOver } from '../../../support/when-over.ts';
import { newRun } from '../../samples.ts';
import { PostgresGround } from '../ground.ts';

describe.skipIf(!hasPgBoss())(
  'a process that comes to a shared run (needs pg-boss: see CONTRIBUTING.md)',
  () => {
    const ground = new PostgresGround();

    async function shared(schema: string): Promise<PostgresDestination> {
      const destination = await ground.open(schema, { share: { maxDurationMs: 3_600_000 } });
      whenOver(() => destination.close());
      return destination;
    }

    const enter = async (destination: PostgresDestination, job = 'nightly') => {
      if (destination.sharing === null) throw new Error('it is shared');
      return await destination.sharing.enter(job, { isFresh: false, mayJoin: () => {} });
    };

    /** A run with one worker. */
    async function atWork(): Promise<{
      readonly schema: string;
      readonly run: RunWriter;
      readonly destination: PostgresDestination;
      readonly planned: () => Promise<void>;
    }> {
      const schema = ground.schema();
      const destination = await shared(schema);
      const entry = await enter(destination);
      if (entry.kind !== 'plan') throw new Error('it is the first');
      const run = await destination.begin(newRun(2, 1), [['u1', 'u2']]);
      return { schema, run, destination, planned: entry.done };
    }

    test('abandons no run after its right to plan was lost', async () => {
      const { schema, run, destination } = await atWork();
      expect(await ground.terminate('planner')).toBe(1);
      await expect(destination.abandon(run.record)).rejects.toThrow(LockLost);
      expect(await ground.query(`select status from ${schema}.runs`)).toEqual([{ status: 'running' }]);
    });

    test.each([
      ['joins', 'for less than half a minute', "deadline = now() - interval '20 s'", 'join'],
      ['plans', 'for longer', "deadline = now() - interval '31 s'", 'plan'],
      ['joins', 'for less, by a halt', "exit_code = 6, halted_at = now() - interval '20 s'", 'join'],
      ['plans', 'for longer, by a halt', "exit_code = 6, halted_at = now() - interval '31 s'", 'plan'],
    ])('%s when the time of the others has been over %s', async (_, __, change, kind) => {
      const { schema, planned } = await atWork();
      await planned();
      await ground.query(`update ${schema}.runs set ${change}`);
      const entry = await enter(await shared(schema));
      expect(entry.kind).toBe(kind);
    });

    test('clears the reason why the last one left, and not the reason why one ended the run for all', async () => {
      const { schema, planned } = await atWork();
      await planned();
      const reason = `select stop_reason, error from ${schema}.runs`;
      await ground.query(`update ${schema}.runs set stop_reason = 'guard', error = 'too many'`);
      await enter(await shared(schema));
      expect(await ground.query(reason)).toEqual([{ stop_reason: null, error: null }]);
      await ground.query(
        `update ${schema}.runs set stop_reason = 'error', error = 'refused', exit_code = 4, halted_at = now()`,
      );
      await enter(await shared(schema));
      expect(await ground.query(reason)).toEqual([{ stop_reason: 'error', error: 'refused' }]);
    });

    test('does not call before the API has accepted a call of one that came before', async () => {
      const { schema, run, planned } = await atWork();
      await planned();
      const entry = await enter(await shared(schema));
      if (entry.kind !== 'join') throw new Error('the first is at work');
      const [first, second] = [run.shared, entry.run.shared];
      if (first === null || second === null) throw new Error('it is shared');
      const { signal } = new AbortController();
      const asked: string[] = [];
      const later = second.firstCall(signal).then((outcome) => void asked.push(`second: ${outcome}`));
      asked.push(`first: ${await first.firstCall(signal)}`);
      // Over the connection on which it has asked.
      await second.hearOthers();
      expect(asked).toEqual(['first: alone']);
      await first.apiReached();
      await later;
      expect(asked).toEqual(['first: alone', 'second: reached']);
    });

    test('is refused while another job is at work that has not taken its lock again after a restart of the server', async () => {
      const { schema, planned } = await atWork();
      await planned();
      const other = await shared(schema);
      // It takes the lock again when it next commits.
      expect(await ground.terminate('run')).toBeGreaterThan(0);
      await expect(enter(other, 'weekly')).rejects.toMatchObject({
        exitCode: 8,
        message: expect.stringMatching(
          /job nightly of app \d+ is at work in schema \w+: .+ \(\d+\), seen \d+ s ago$/,
        ),
      });
      await ground.query(`update ${schema}.run_attempts set left_at = now()`);
      expect((await enter(other, 'weekly')).kind).toBe('plan');
    });
  },
);
