import { expect, test } from 'vitest';
import { cutOff } from '../faults/database-faults.ts';
import { Scene, untilFrozen } from '../faults/scene.ts';
import { differences, postgresDestination } from '../support/destinations.ts';
import { describeServers } from '../support/servers.ts';

describeServers('an attempt that is frozen while another one starts over', (version) => {
  test('commits nothing when it wakes, though the lock is free again', async () => {
    const destination = await postgresDestination(version);
    const scene = await Scene.make(destination, { users: 60, changed: 0.5 }, { '--chunk-size': '10' });
    const frozen = scene.startToFreezeAt('chunk-begun#2');
    await untilFrozen(frozen);
    // Its server gives its lock and its transaction up, as after a connection that was cut.
    const client = await scene.database();
    await cutOff(client, frozen);
    await client.end();
    await scene.simulation.change({ day: 2 });
    const expectedDir = await scene.simulation.expectedDirOnDay(2);
    scene.args.push('--fresh');
    expect(await scene.start().exit).toMatchObject({ code: 0 });
    expect(await differences(expectedDir, destination)).toEqual({});

    frozen.kill('SIGCONT');
    const { code, stderr } = await frozen.exit;
    expect(code, stderr).toBe(8);
    expect(stderr).toMatch(/run 1 .*closed as abandoned/);
    expect(await differences(expectedDir, destination)).toEqual({});
  });
});
