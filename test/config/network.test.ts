import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { NetworkSettings } from '../../src/config/model/job.ts';
import { type Authority, makeAuthority } from '../support/certificates.ts';
import { env, flags, jobFile, newDirectory, problemsOf, start } from './job-start.ts';

const network = async (variables: Record<string, string>, more = {}): Promise<NetworkSettings> =>
  (await start({ env: { ...env, ...variables }, flags: { ...flags, ...more } })).job.network;
const proxyProblems = (value: string): Promise<readonly string[]> =>
  problemsOf({ env: { ...env, HTTPS_PROXY: value } });

describe('the proxy of the environment', () => {
  test.each([
    ['http://proxy.example.com:3128', 'http://proxy.example.com:3128/', 'http://proxy.example.com:3128'],
    ['proxy.example.com:3128', 'http://proxy.example.com:3128/', 'http://proxy.example.com:3128'],
    ['https://proxy.example.com', 'https://proxy.example.com/', 'https://proxy.example.com'],
    ['HTTP://[::1]:3128/', 'http://[::1]:3128/', 'http://[::1]:3128'],
    [' http://scott:t%2Figer@p:1 ', 'http://scott:t%2Figer@p:1/', 'http://p:1'],
    ['scott:tiger@p:3128', 'http://scott:tiger@p:3128/', 'http://p:3128'],
  ])('%s is read', async (value, url, shown) => {
    const { proxy } = await network({ HTTPS_PROXY: value });
    expect(proxy).toMatchObject({ shown, variable: 'HTTPS_PROXY', noProxy: '' });
    expect(proxy?.problem === null && proxy.url.reveal()).toBe(url);
    expect(inspect(proxy, { depth: null })).not.toContain('tiger');
  });

  test('the lower-case variable counts first, and one that is empty is not set', async () => {
    const both = { https_proxy: 'http://low:1', HTTPS_PROXY: 'http://high:1', no_proxy: 'a', NO_PROXY: 'b' };
    expect((await network(both)).proxy).toMatchObject({
      shown: 'http://low:1',
      variable: 'https_proxy',
      noProxy: 'a',
    });
    const upper = { ...both, https_proxy: '', no_proxy: ' ' };
    expect((await network(upper)).proxy).toMatchObject({
      shown: 'http://high:1',
      variable: 'HTTPS_PROXY',
      noProxy: 'b',
    });
    expect((await network({ HTTPS_PROXY: '', NO_PROXY: 'b' })).proxy).toBeNull();
    expect((await network({ HTTP_PROXY: 'http://p:1', ALL_PROXY: 'http://p:1' })).proxy).toBeNull();
  });

  test.each(['http://127.0.0.1:8099', 'http://[::1]:8099', 'http://localhost:8099', 'https://127.0.0.1'])(
    'there is none for %s, which is this machine',
    async (endpoint) => {
      const { region: _, ...rest } = flags;
      const variables = { ...env, HTTPS_PROXY: 'nonsense', HTTP_PROXY: 'http://p:1' };
      const { job } = await start({ env: variables, flags: { ...rest, endpoint } });
      expect(job.network.proxy).toBeNull();
    },
  );

  test.each([
    'nonsense',
    'http://',
    'http://p:99999',
    'ftp://p:1',
    'socks5://p:1080',
    'http://p:1/proxy.pac',
    'http://p:1?x=hunter2',
    'http://scott:hunter2/x@p:1',
    'http://scott:hunter2#x@p:1',
    'http://scott:hunter2%@p:1',
    'scott:hunter2@p',
  ])('%s is refused in one line that names the variable and not its value', async (value) => {
    const problems = await proxyProblems(value);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^HTTPS_PROXY: /);
    expect(problems[0]).not.toContain('hunter2');
    expect(problems[0]).not.toContain('\n');
  });

  test('one that is wrong is kept with its fault where NO_PROXY may exempt the API', async () => {
    const { proxy } = await network({
      HTTPS_PROXY: 'socks5://scott:hunter2@p:1080',
      no_proxy: '.example.com',
    });
    expect(proxy).toEqual({
      variable: 'HTTPS_PROXY',
      noProxy: '.example.com',
      problem:
        'HTTPS_PROXY: expected an HTTP proxy such as http://proxy.example.com:3128; SOCKS is not supported',
    });
  });

  test('SOCKS is refused as such', async () => {
    expect((await proxyProblems('socks5://p:1080'))[0]).toMatch(/SOCKS is not supported$/);
  });
});

describe('--ca-file', () => {
  const made: Promise<Authority>[] = [makeAuthority(), makeAuthority()];
  const bundle = async (): Promise<string[]> => (await Promise.all(made)).map(({ ca }) => ca.trim());

  test('is read when the job is, with everything between its certificates left out', async () => {
    const [one = '', two = ''] = await bundle();
    const file = await jobFile('ca-file: company.pem\n');
    await writeFile(join(file.cwd, 'company.pem'), `# The root\n${one}\n\n# The other\r\n${two}`);
    const { job } = await start(file);
    expect(job.network).toEqual({ caFile: join(file.cwd, 'company.pem'), ca: [one, two], proxy: null });
    expect(Object.isFrozen(job.network.ca)).toBe(true);
  });

  test('may be a variable, and is relative to the working directory then', async () => {
    const cwd = await newDirectory();
    await writeFile(join(cwd, 'company.pem'), (await bundle()).join('\n'));
    const { job } = await start({ cwd, env: { ...env, CHAT_EXPORT_CA_FILE: 'company.pem' } });
    expect(job.network.caFile).toBe(join(cwd, 'company.pem'));
  });

  test('is null when it is not given', async () => {
    expect((await start()).job.network).toEqual({ caFile: null, ca: [], proxy: null });
  });

  test.each<[string, string | Buffer | undefined, string]>([
    ['that is missing', undefined, 'the file does not exist'],
    ['that is empty', '', 'the file is empty'],
    ['that is blank', ' \n', 'the file is empty'],
    [
      'with a key',
      '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n',
      'holds no certificate',
    ],
    ['in DER', Buffer.from([0x30, 0x82, 0, 1]), 'is not a text file'],
    ['that breaks off', '-----BEGIN CERTIFICATE-----\nMIIB', 'holds no certificate'],
    [
      'with a broken certificate',
      '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
      'a broken certificate, number 1',
    ],
  ])('%s is refused in one line', async (_, content, sentence) => {
    const cwd = await newDirectory();
    if (content !== undefined) await writeFile(join(cwd, 'company.pem'), content);
    const problems = await problemsOf({ cwd, flags: { ...flags, 'ca-file': 'company.pem' } });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^--ca-file company\.pem: the file .*; expected certificates in PEM$/);
    expect(problems[0]).toContain(sentence);
    expect(problems[0]).not.toContain('hunter2');
  });

  test('a directory is refused as one', async () => {
    const [problem] = await problemsOf({ flags: { ...flags, 'ca-file': await newDirectory() } });
    expect(problem).toContain('is a directory');
  });
});
