import { expect, test } from 'vitest';
import { parsePing } from '../../src/config/parse/ping.ts';
import { Ping } from '../../src/ping/ping.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { makeAuthority } from '../support/certificates.ts';
import { startProxy, startTlsFront } from '../support/proxy.ts';
import { PING_PATH, startWatcher } from '../support/watcher.ts';

function pingTo(url: string, options: Partial<ConstructorParameters<typeof Ping>[0]> = {}) {
  const failures: string[] = [];
  const onFailure = (message: string): void => void failures.push(message);
  return { failures, ping: new Ping({ ...parsePing(url), proxy: null, ca: [], onFailure, ...options }) };
}

test('start and end are reported in this order, even when the end comes at once', async () => {
  const watcher = await startWatcher();
  const { ping, failures } = pingTo(watcher.url);
  ping.start();
  await ping.end('success');
  expect(watcher.asked).toEqual([`GET ${PING_PATH}/start`, `GET ${PING_PATH}`]);
  expect(failures).toEqual([]);
});

test('the query of a URL stays at its end', async () => {
  const watcher = await startWatcher();
  const { ping } = pingTo(`${watcher.url}/?create=1`);
  await ping.end('failure');
  expect(watcher.asked).toEqual([`GET ${PING_PATH}/fail?create=1`]);
});

test('a passing fault is tried again', async () => {
  const watcher = await startWatcher((times) => (times === 1 ? 503 : 200));
  const { ping, failures } = pingTo(watcher.url);
  await ping.end('success');
  expect(watcher.asked).toHaveLength(2);
  expect(failures).toEqual([]);
});

test('a refusal is not tried again', async () => {
  const watcher = await startWatcher(() => 404);
  const { ping, failures } = pingTo(watcher.url);
  await ping.end('success');
  expect(watcher.asked).toHaveLength(1);
  expect(failures).toEqual([expect.stringContaining('it answers 404')]);
});

test('a service that does not answer is given up after three attempts, and reported once', async () => {
  const watcher = await startWatcher(() => null);
  const { ping, failures } = pingTo(watcher.url, { tryMs: 50 });
  await ping.end('success');
  expect(watcher.asked).toHaveLength(3);
  expect(failures).toEqual([expect.stringContaining('no answer in time, 3 times')]);
});

test('a start that hangs does not delay the end for long', async () => {
  const watcher = await startWatcher((times) => (times === 1 ? null : 200));
  const { ping, failures } = pingTo(watcher.url, { tryMs: 60_000 });
  ping.start();
  await ping.end('success');
  expect(watcher.asked).toEqual([`GET ${PING_PATH}/start`, `GET ${PING_PATH}`]);
  expect(failures).toEqual([expect.stringContaining('the run ended before it')]);
});

test('a ping goes through the proxy, and trusts what the job trusts', async () => {
  const watcher = await startWatcher();
  const authority = await makeAuthority();
  const port = await startTlsFront(await authority.issue('watch.example.com'), watcher.url);
  const proxy = await startProxy({ to: port });
  const { ping, failures } = pingTo(`https://watch.example.com${PING_PATH}`, {
    ca: [authority.ca],
    proxy: {
      variable: 'HTTPS_PROXY',
      noProxy: '',
      problem: null,
      url: new Secret(proxy.url),
      shown: proxy.url,
    },
  });
  await ping.end('success');
  expect(failures).toEqual([]);
  expect(proxy.asked.map(({ authority }) => authority)).toEqual(['watch.example.com:443']);
  expect(watcher.asked).toEqual([`GET ${PING_PATH}`]);
});

test('a proxy that cannot be used is a failure of the ping, not a way around it', async () => {
  const { ping, failures } = pingTo(`https://watch.example.com${PING_PATH}`, {
    proxy: { variable: 'HTTPS_PROXY', noProxy: '', problem: 'HTTPS_PROXY: expected an HTTP proxy' },
  });
  await ping.end('success');
  expect(failures).toEqual([expect.stringContaining('HTTPS_PROXY: expected an HTTP proxy')]);
  expect(failures.join()).not.toContain(PING_PATH);
});
