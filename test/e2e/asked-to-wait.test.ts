import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EMPTY_PAGE, serve } from '../chat-api/server.ts';
import { runHere } from '../support/command-line.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { SECRET_KEY } from '../support/simulation.ts';

type Result = {
  readonly counts: { readonly exported: number; readonly calls: number; readonly failed: number };
  readonly this_attempt: { readonly calls: number };
};

/** A run of 40 users against a server of its own; `answer` gives a status and a Retry-After, by the ms since the first call. */
async function runAgainst(
  answer: (sinceFirstMs: number, call: number) => { status: number; retryAfter?: string } | null,
  { rate = 200, times = 1 } = {},
) {
  const arrivals: number[] = [];
  const callers: unknown[] = [];
  const { endpoint } = await serve(({ body }, response) => {
    arrivals.push(performance.now());
    callers.push(JSON.parse(body).From_Account);
    const refusal = answer(performance.now() - (arrivals[0] ?? 0), arrivals.length);
    if (refusal === null) response.end(EMPTY_PAGE);
    else {
      const { status, retryAfter } = refusal;
      response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end('busy');
    }
  });
  const directory = await temporaryDirectory();
  const users = join(directory, 'users.txt');
  await writeFile(users, Array.from({ length: 40 }, (_, n) => `user${n}\n`).join(''));
  const args = [
    ...['run', '--users', users, '--endpoint', endpoint, '--sdk-app-id', '1400000000', '--json'],
    ...['--to', `csv:${join(directory, 'out')}`, '--rate', String(rate), '--chunk-size', '10'],
  ];
  const env = { CHAT_EXPORT_SECRET_KEY: SECRET_KEY };
  for (let before = 1; before < times; before += 1)
    expect(await runHere(args, { env })).toMatchObject({ code: 0 });
  const run = await runHere(args, { env });
  expect(run).toMatchObject({ code: 0 });
  const result = JSON.parse(run.stdout) as Result;
  expect(result.counts).toMatchObject({ exported: 40, failed: 0 });
  return { result, arrivals, callers };
}

// The tolerance for timers and the connection to the server.
const NEARLY = 50;

test.each([503, 429])(
  'no call leaves before the time that HTTP %i with Retry-After names',
  async (status) => {
    const { arrivals } = await runAgainst((since) => (since < 1_900 ? { status, retryAfter: '2' } : null));
    const [first = 0, second = 0] = arrivals;
    expect(second - first).toBeGreaterThan(2_000 - NEARLY);
    expect(arrivals).toHaveLength(41);
  },
);

test('one 503 among answers holds its own call, and no other', async () => {
  const { arrivals, callers } = await runAgainst(
    (_, call) => (call === 20 ? { status: 503, retryAfter: '3' } : null),
    {
      rate: 20,
    },
  );
  expect(arrivals).toHaveLength(41);
  // The forty-first is the second attempt at it; all others have come before.
  expect(callers[40]).toBe(callers[19]);
  expect(new Set(callers.slice(0, 40)).size).toBe(40);
  expect((arrivals[40] ?? 0) - (arrivals[19] ?? 0)).toBeGreaterThan(3_000 - NEARLY);
});

test('a run that begins right after another has finished first waits until the calls of that one no longer count', async () => {
  const { arrivals } = await runAgainst(() => null, { times: 2 });
  expect(arrivals).toHaveLength(80);
  expect((arrivals[40] ?? 0) - (arrivals[39] ?? 0)).toBeGreaterThan(1_000 - NEARLY);
});

test('every call is counted, those that look whether an outage is over as well', async () => {
  const { result, arrivals } = await runAgainst((since) => (since < 11_000 ? { status: 502 } : null));
  expect(result.this_attempt.calls).toBe(arrivals.length);
  expect(result.counts.calls).toBe(arrivals.length);
});
