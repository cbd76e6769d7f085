import { describe, expect, test } from 'vitest';
import { waitingToLook } from '../../../src/cli/terminal/waiting-to-look.ts';
import type { Job } from '../../../src/config/model/job.ts';
import { checkJob } from '../../../src/preflight/check-job.ts';
import { apiClient, proxyOptions } from '../../../src/run/calls/api-client.ts';
import { RunRefused } from '../../../src/run/errors/run-errors.ts';
import { exportRun } from '../../../src/run/export-run.ts';
import { env, flags, start } from '../../config/job-start.ts';

const BAD = 'socks5://p:1080';

/** A job for Singapore, or for an API host given by hand. */
async function jobWith(variables: Record<string, string>, endpoint?: string): Promise<Job> {
  const { region, ...rest } = flags;
  const address = endpoint === undefined ? { region } : { endpoint };
  return (await start({ env: { ...env, ...variables }, flags: { ...rest, ...address } })).job;
}

describe('a proxy that cannot be used', () => {
  test.each([
    ['*', undefined],
    ['adminapisgp.im.qcloud.com', undefined],
    ['localhost,.qcloud.com', undefined],
    ['.example.com', 'https://chat.example.com'],
  ])('is not an error if NO_PROXY (%s) exempts the API (%s)', async (NO_PROXY, endpoint) => {
    const job = await jobWith({ HTTPS_PROXY: BAD, NO_PROXY }, endpoint);
    expect(proxyOptions(job)).toBeNull();
    await apiClient(job).close();
  });

  test.each([
    ['.example.com', undefined],
    ['.qcloud.com', 'https://chat.example.com'],
  ])(
    'refuses the run, and its check, at once where NO_PROXY (%s) does not (%s)',
    async (NO_PROXY, endpoint) => {
      const job = await jobWith({ HTTPS_PROXY: BAD, NO_PROXY }, endpoint);
      // There is no such list, which would be reported if it were opened.
      for (const begin of [
        () => exportRun(job),
        () => checkJob(job, waitingToLook(new AbortController().signal, { err: process.stderr })),
      ]) {
        const refusal = await begin().catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(RunRefused);
        expect(refusal).toMatchObject({
          message: expect.stringMatching(/^HTTPS_PROXY: expected an HTTP proxy .*SOCKS is not supported$/),
        });
      }
    },
  );
});

test('a proxy that can be used goes to the client with what it does not serve', async () => {
  const job = await jobWith({ HTTPS_PROXY: 'http://p:3128', NO_PROXY: '.qcloud.com' });
  expect(proxyOptions(job)).toMatchObject({ shown: 'http://p:3128', noProxy: '.qcloud.com' });
});
