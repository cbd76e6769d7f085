import { beforeEach, expect, test } from 'vitest';
import { describeServers } from '../../../support/servers.ts';
import { app, newRun } from '../../samples.ts';
import { PostgresGround } from '../ground.ts';

type Given = {
  readonly job: string;
  readonly sdkAppId?: number;
  /** How long ago its last attempt began, and it was finished; in seconds by the server's clock. */
  readonly attemptAgo: number;
  readonly finishedAgo: number | null;
  readonly status?: 'abandoned';
};

describeServers('how long ago an attempt of the app may have called', (server) => {
  const ground = new PostgresGround(server);
  let schema = '';
  beforeEach(() => {
    schema = ground.schema();
  });

  async function agoOf(runs: readonly Given[]): Promise<number | null> {
    for (const { job, sdkAppId = app, attemptAgo, finishedAgo, status = 'running' } of runs) {
      const destination = await ground.open(schema, { sdkAppId });
      const { record } = await destination.begin(newRun(1, 1, { job, sdkAppId }), [['u1']]);
      await destination.close();
      await ground.query(
        `update ${schema}.runs set last_attempt_at = now() - $2 * interval '1 s', finished_at = now() - $3 * interval '1 s',
           status = $4 where run_id = $1`,
        [record.runId, attemptAgo, finishedAgo, finishedAgo === null ? status : 'finished'],
      );
    }
    const destination = await ground.open(schema);
    try {
      return await destination.lastCallsMsAgo();
    } finally {
      await destination.close();
    }
  }

  test.each<[string, readonly Given[]]>([
    ['at a run of another job', [{ job: 'migration', attemptAgo: 5, finishedAgo: null }]],
    [
      'at a run of another job, though a run of this job has finished before',
      [
        { job: 'nightly', attemptAgo: 3_600, finishedAgo: 1_800 },
        { job: 'migration', attemptAgo: 5, finishedAgo: null },
      ],
    ],
    [
      'at an earlier run, which was resumed after a later one had finished',
      [
        { job: 'migration', attemptAgo: 5, finishedAgo: null },
        { job: 'nightly', attemptAgo: 3_600, finishedAgo: 1_800 },
      ],
    ],
    [
      'at a run that was given up',
      [{ job: 'nightly', attemptAgo: 5, finishedAgo: null, status: 'abandoned' }],
    ],
  ])('is 0 after an attempt that did not finish: %s', async (_, runs) => {
    expect(await agoOf(runs)).toBe(0);
  });

  test('is reported for the last attempt, whatever the results of earlier ones', async () => {
    const agoMs = await agoOf([
      { job: 'migration', attemptAgo: 86_400, finishedAgo: null },
      { job: 'nightly', attemptAgo: 3_600, finishedAgo: 1_800 },
      { job: 'nightly', sdkAppId: app + 1, attemptAgo: 5, finishedAgo: null },
    ]);
    expect(agoMs).toBeGreaterThanOrEqual(1_800_000);
  });

  test("is below 0 where the server's clock was set back", async () => {
    expect(await agoOf([{ job: 'nightly', attemptAgo: 10, finishedAgo: -3_600 }])).toBeLessThan(0);
  });
});
