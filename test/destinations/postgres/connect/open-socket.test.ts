import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { connectToFirst, openSocket } from '../../../../src/destinations/postgres/connect/open-socket.ts';
import { freePort } from '../../../support/free-port.ts';
import { startProgram } from '../../../support/program.ts';
import { whenOver } from '../../../support/when-over.ts';

const LISTENER = `
  const port = Number(process.argv.at(-1));
  require('node:net').createServer(() => {}).listen({ port, host: '127.0.0.1', backlog: 1 }, () => console.log('listening'));
`;

/** States of connections to a port, as the system numbers them: 02 has asked, 01 is there. */
async function statesOf(port: number): Promise<readonly string[]> {
  const hex = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((line) => line.trim().split(/\s+/));
  return lines.filter(([, , remote]) => remote === hex).map(([, , , state = '']) => state);
}

test.skipIf(process.platform !== 'linux')(
  'of several addresses, the one that answers counts though it takes a second and the others refuse (needs Linux)',
  async () => {
    const port = await freePort();
    const listener = startProgram([String(port)], {
      via: [process.execPath, '--eval', LISTENER, '--'],
      script: 'unused',
    });
    await listener.waitForLine(/listening/);
    listener.kill('SIGSTOP');
    // A full queue drops further requests, which are sent again after a second.
    const fillers: Socket[] = [];
    while (!(await statesOf(port)).includes('02')) {
      fillers.push(connect(port, '127.0.0.1').on('error', () => {}));
      await sleep(20);
    }
    whenOver(async () => {
      for (const socket of fillers) socket.destroy();
    });
    const asking = (await statesOf(port)).filter((state) => state === '02').length;
    const places = ['127.0.0.1', '127.0.0.2', '127.0.0.3'].map((host) => ({ host, port }));
    const opening = connectToFirst(places, 10_000);
    while ((await statesOf(port)).filter((state) => state === '02').length <= asking) await sleep(5);
    listener.kill('SIGCONT');
    const socket = await opening;
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
  },
  20_000,
);

test('if no address answers, each one is reported', async () => {
  const port = await freePort();
  await expect(openSocket('127.0.0.1', port, 5_000)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await expect(openSocket('localhost', port, 5_000)).rejects.toMatchObject({
    code: 'ECONNREFUSED',
    message: expect.stringContaining('127.0.0.1'),
  });
});

test('an unknown name is reported in the words of the system', async () => {
  await expect(openSocket('nowhere.invalid', 5432, 5_000)).rejects.toMatchObject({
    code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
  });
});

test('where the deadline comes while a connection opens, no connection stays open but those that were given', async () => {
  const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const places = [
    { host: '127.0.0.1', port },
    { host: '127.0.0.1', port },
  ];
  const given: Socket[] = [];
  for (let round = 0; round < 40; round += 1) {
    const opening = connectToFirst(places, 1 + (round % 4));
    // A busy process sees both at once.
    const until = performance.now() + 2 * (round % 3);
    while (performance.now() < until);
    await opening.then((socket) => given.push(socket)).catch(() => {});
  }
  for (const socket of given) expect(socket.destroyed).toBe(false);
  const closed = once(server, 'close');
  server.close();
  for (const socket of given) socket.destroy();
  // Comes when the last connection is gone.
  await closed;
});
