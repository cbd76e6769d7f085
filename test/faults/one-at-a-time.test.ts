import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { describeDestinations, differences } from '../support/destinations.ts';
import { Scene } from './scene.ts';

describeDestinations('starts at the same instant, to', (destinationOf) => {
  test('are one that works, and others that end with 8, with the holder and since when', async () => {
    const destination = await destinationOf();
    const scene = await Scene.make(destination, {}, {});
    const starters = [scene.start(), scene.start(), scene.start()];
    const ends = await Promise.all(
      starters.map(async (starter) => ({ pid: starter.pid, ...(await starter.exit) })),
    );
    const said = ends.map(({ stderr }) => stderr).join('\n');
    const [winner, ...more] = ends.filter(({ code }) => code === 0);
    expect({ winner: winner !== undefined, more: more.length }, said).toEqual({ winner: true, more: 0 });
    const holder = new RegExp(
      `^chat-export: .*another run .*process ${winner?.pid} on ${hostname()}.*, since 20\\d\\d-.*\\n$`,
    );
    for (const { code, stdout, stderr } of ends.filter(({ pid }) => pid !== winner?.pid)) {
      expect({ code, stdout }, stderr).toEqual({ code: 8, stdout: '' });
      expect(stderr).toMatch(holder);
    }
    const [, pages = ''] = /calls +([\d,]+)/.exec(winner?.stdout ?? '') ?? [];
    expect(await scene.calls()).toBe(Number(pages.replace(',', '')));
    expect(await differences(scene.simulation.expectedDir, destination)).toEqual({});
  });
});
