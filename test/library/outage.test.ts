import { describe, expect, test } from 'vitest';
import { type Outage, pullContactGroups } from '../../src/index.ts';
import { SECRET_KEY, startSimulation } from '../support/simulation.ts';
import { all, appOf, exportedOf, ids } from './app.ts';

describe('pulling users', () => {
  test('waits out an outage, in which no user fails, and reports it', async () => {
    const simulation = await startSimulation({ users: 30, script: [{ fault: 'down', seconds: [0, 12] }] });
    const outages: Outage[] = [];
    const pulled = await all(
      pullContactGroups(ids(30), appOf(simulation), { onOutage: (outage) => outages.push(outage) }),
    );
    expect(exportedOf(pulled)).toHaveLength(30);
    expect(outages).toEqual([
      { of: 'api', isUnavailable: true, cause: expect.any(Error) },
      { of: 'api', isUnavailable: false, cause: null },
    ]);
  });

  test('ends with an error when an API cannot be reached for longer than allowed', async () => {
    const app = {
      endpoint: 'http://127.0.0.1:9',
      sdkAppId: 1,
      secretKey: SECRET_KEY,
      maxOutage: 0,
      maxAttempts: 1,
    };
    await expect(all(pullContactGroups('amy', app))).rejects.toMatchObject({
      code: 'API_UNUSABLE',
      apiCode: null,
    });
  });
});
