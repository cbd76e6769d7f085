import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { regions } from '../../src/chat-api/regions.ts';
import { makeAuthority } from '../support/certificates.ts';
import { csvDestination, differences, type TestDestination } from '../support/destinations.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { hasIpv6Loopback } from '../support/ipv6.ts';
import { type ProgramResult, runProgram, startProgram } from '../support/program.ts';
import { startProxy, startTlsFront } from '../support/proxy.ts';
import { runAgainst, type Simulation, startSimulation } from '../support/simulation.ts';

const authority = await makeAuthority();
let place: string;
let destination: TestDestination;
beforeEach(async () => {
  place = await temporaryDirectory();
  await writeFile(join(place, 'company.pem'), authority.ca);
  destination = await csvDestination();
});

const PASSWORD = 'hunter2-and-more';
const withPassword = (url: string): string => url.replace('//', `//scott:${PASSWORD}@`);

/** A run of a simulation that is reached at an address of another name. */
const runAt = (
  simulation: Simulation,
  endpoint: string,
  env: Readonly<Record<string, string>>,
  ...more: readonly string[]
): Promise<ProgramResult> => {
  const run = runAgainst({ ...simulation, url: endpoint }, destination.to, ...more);
  return runProgram(run.args, { env: { ...run.env, ...env }, cwd: place });
};

const reasons = ({ stderr }: ProgramResult): string[] =>
  stderr.split('\n').filter((line) => line.startsWith('chat-export: '));

test('a whole run goes through a proxy in TLS, keeps the quota, and trusts --ca-file besides what Node.js trusts', async () => {
  const simulation = await startSimulation({ users: 300, seed: 51, rate: 200, latency: [5, 20] });
  // Node.js knows the API's authority by its variable, the proxy's is in the file.
  const other = await makeAuthority();
  await writeFile(join(place, 'extra.pem'), other.ca);
  const front = await startTlsFront(await other.issue('chat.invalid'), simulation.url);
  const proxy = await startProxy({ to: front, certificate: await authority.issue('127.0.0.1') });
  const env = { HTTPS_PROXY: withPassword(proxy.url), NODE_EXTRA_CA_CERTS: join(place, 'extra.pem') };
  // All relays share one thread with the test; see rate.test.ts.
  const more = ['--ca-file', 'company.pem', '--concurrency', '20', '--rate-margin', '60'];
  const run = await runAt(simulation, 'https://chat.invalid', env, ...more);
  expect(run).toMatchObject({ code: 0 });
  expect(await differences(simulation.expectedDir, destination)).toEqual({});
  expect((await simulation.report()).overQuota).toBe(0);
  expect(proxy.asked.length).toBeGreaterThan(0);
  expect(proxy.asked.length).toBeLessThanOrEqual(20);
  expect(run.stdout + run.stderr).not.toContain(PASSWORD);
});

test('an API on this machine is called directly, whatever the variables say', async () => {
  const simulation = await startSimulation({ users: 20, seed: 52, rate: 1_000 });
  const proxy = await startProxy({ to: Number(new URL(simulation.url).port) });
  const env = { HTTP_PROXY: proxy.url, http_proxy: proxy.url, HTTPS_PROXY: proxy.url, ALL_PROXY: proxy.url };
  expect(await runAt(simulation, simulation.url, env)).toMatchObject({ code: 0 });
  expect(proxy.asked).toEqual([]);
});

test('a proxy that refuses ends the run with 4, one line that names it and its variable, and no password', async () => {
  const simulation = await startSimulation({ users: 20, seed: 53 });
  const proxy = await startProxy({ to: 1, answer: () => ({ status: 407 }) });
  const run = await runAt(simulation, 'https://chat.invalid', { https_proxy: withPassword(proxy.url) });
  expect(run).toMatchObject({ code: 4 });
  expect(reasons(run)).toEqual([
    `chat-export: the proxy ${proxy.url} (https_proxy) answers CONNECT chat.invalid:443 with 407; it refuses the user and the password in https_proxy`,
  ]);
  expect(run.stdout + run.stderr).not.toContain(PASSWORD);
});

test('an unavailable proxy is waited for as an outage', async () => {
  const simulation = await startSimulation({ users: 20, seed: 54, rate: 1_000 });
  const front = await startTlsFront(await authority.issue('chat.invalid'), simulation.url);
  let isBack = false;
  const proxy = await startProxy({ to: front, answer: () => ({ status: isBack ? 200 : 502 }) });
  const { args, env } = runAgainst({ ...simulation, url: 'https://chat.invalid' }, destination.to);
  const variables = { ...env, HTTPS_PROXY: proxy.url, CHAT_EXPORT_CA_FILE: 'company.pem' };
  const run = startProgram([...args, '--max-attempts', '2'], { env: variables, cwd: place });
  await run.waitForLine(
    /the API is unavailable; .* Last error: the proxy http:\S+ \(HTTPS_PROXY\) answers .* with 502/,
  );
  isBack = true;
  expect(await run.exit).toMatchObject({ code: 0 });
  expect(await differences(simulation.expectedDir, destination)).toEqual({});
});

test.each<[string, Readonly<Record<string, string>>, readonly string[], RegExp]>([
  [
    'a proxy that is none',
    { HTTPS_PROXY: 'nonsense' },
    [],
    /^chat-export: HTTPS_PROXY: expected an HTTP proxy such as/,
  ],
  [
    'a proxy that is none, and that NO_PROXY does not switch off',
    { HTTPS_PROXY: 'nonsense', NO_PROXY: 'chat.example.com' },
    [],
    /^chat-export: HTTPS_PROXY: expected an HTTP proxy such as/,
  ],
  [
    'a CA file that is missing',
    {},
    ['--ca-file', 'no.pem'],
    /^chat-export: --ca-file no\.pem: the file does not exist/,
  ],
  [
    'a CA file that is none',
    {},
    ['--ca-file', 'users.txt'],
    /^chat-export: --ca-file users\.txt: the file holds no cert/,
  ],
])('%s ends with 2, one line and nothing called', async (_, env, more, pattern) => {
  const simulation = await startSimulation({ users: 5, seed: 55 });
  await writeFile(join(place, 'users.txt'), 'u1\n');
  const run = await runAt(simulation, 'https://chat.invalid', env, ...more);
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(reasons(run)).toEqual([expect.stringMatching(pattern)]);
});

test("another server at the region's name ends the run with 4 and the region's back-up host, which is not called", async () => {
  const simulation = await startSimulation({ users: 5, seed: 56 });
  const front = await startTlsFront(await authority.issue('hijacker.invalid'), simulation.url);
  const proxy = await startProxy({ to: front });
  const { args, env } = runAgainst(simulation, destination.to, '--ca-file', 'company.pem');
  const regional = args.map(
    (arg) => ({ '--endpoint': '--region', [simulation.url]: 'frankfurt' })[arg] ?? arg,
  );
  const run = await runProgram(regional, { env: { ...env, HTTPS_PROXY: proxy.url }, cwd: place });
  const { host, backupHost } = regions.frankfurt;
  expect(run).toMatchObject({ code: 4 });
  expect(reasons(run)).toHaveLength(1);
  expect(reasons(run)[0]).toContain("check this machine's DNS first");
  expect(reasons(run)[0]).toContain(`--endpoint https://${backupHost} instead of --region frankfurt`);
  expect(new Set(proxy.asked.map((one) => one.authority))).toEqual(new Set([`${host}:443`]));
});

test.skipIf(!hasIpv6Loopback)('an API at an IPv6 address is exported (needs ::1)', async () => {
  const simulation = await startSimulation({ users: 50, seed: 57, rate: 1_000, host: '::1' });
  expect(simulation.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
  expect(await runAt(simulation, simulation.url, {})).toMatchObject({ code: 0 });
  expect(await differences(simulation.expectedDir, destination)).toEqual({});
});

test('a wrong clock is reported once', async () => {
  const server = createServer((_, response) => {
    response.setHeader('date', new Date(Date.now() + 10 * 60_000).toUTCString());
    response.end('{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","CompleteFlag":1,"NextStartIndex":0}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const simulation = await startSimulation({ users: 20, seed: 58 });
  const run = await runAt(simulation, `http://127.0.0.1:${(server.address() as AddressInfo).port}`, {});
  expect(run).toMatchObject({ code: 0 });
  const reported = run.stderr.split('\n').filter((line) => line.includes("this machine's clock"));
  expect(reported).toHaveLength(1);
  expect(reported[0]).toMatch(/clock is 10 min behind the API's, and UserSigs depend on it: set it by NTP/);
});
