import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { cwd, env, flags, jobFile, problemsOf, start } from '../job-start.ts';

const url = 'https://hc.example.com/1f0c3a52-watch-me';

test('a job without them has neither page, metrics file nor ping', async () => {
  const { job } = await start();
  expect(job.watch).toEqual({ report: null, metricsFile: null, ping: null });
});

test('a metrics file is relative to where it was named', async () => {
  const { job } = await start({ flags: { ...flags, 'metrics-file': 'a/job.prom' } });
  expect(job.watch.metricsFile).toBe(`${cwd}/a/job.prom`);
  const file = await jobFile('metrics-file: b.prom\n');
  expect((await start(file)).job.watch.metricsFile).toBe(`${file.cwd}/b.prom`);
});

test('a metrics file that node_exporter would not read is refused', async () => {
  expect(await problemsOf({ flags: { ...flags, 'metrics-file': 'job.txt' } })).toEqual([
    '--metrics-file job.txt: expected a file that ends in .prom; node_exporter reads no other',
  ]);
});

test('a ping of a variable is a secret of which only the host is shown, with a proxy of its own', async () => {
  const sources = { env: { ...env, CHAT_EXPORT_PING: url, HTTPS_PROXY: 'http://proxy.example.com:3128' } };
  const { job, warnings } = await start({
    ...sources,
    flags: { users: 'u.txt', to: 'csv:out', 'sdk-app-id': '1400000000', endpoint: 'http://127.0.0.1:1' },
  });
  expect(warnings).toEqual([]);
  expect(job.network.proxy).toBeNull();
  expect(job.watch.ping).toMatchObject({
    shown: 'https://hc.example.com',
    proxy: { shown: 'http://proxy.example.com:3128' },
  });
  expect(job.watch.ping?.url.reveal()).toBe(url);
  expect(inspect(job, { depth: null }) + JSON.stringify(job)).not.toContain('watch-me');
});

test('a ping on the command line is warned of, and the warning does not repeat it', async () => {
  const { warnings } = await start({ flags: { ...flags, ping: url } });
  expect(warnings).toEqual([expect.stringMatching(/^--ping: every user of this machine can see its URL/)]);
  expect(warnings.join()).not.toContain('watch-me');
});

test.each([
  ['http://hc.example.com/1f0c3a52-watch-me', 'never travels over plain http://'],
  ['hc.example.com/1f0c3a52-watch-me', 'expected a ping URL'],
  ['ftp://hc.example.com/1f0c3a52-watch-me', 'expected a ping URL'],
  ['https://me:watch-me@hc.example.com/', 'without user, password and #'],
  ['https://hc.example.com/1f0c3a52-watch-me#1', 'without user, password and #'],
])('%s is not a ping URL, and is not repeated', async (text, why) => {
  const [problem = '', ...others] = await problemsOf({ env: { ...env, CHAT_EXPORT_PING: text } });
  expect(others).toEqual([]);
  expect(problem).toContain(`CHAT_EXPORT_PING: `);
  expect(problem).toContain(why);
  expect(problem).not.toContain('watch-me');
});
