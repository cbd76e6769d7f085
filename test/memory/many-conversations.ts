import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { defaultOptions } from '../../src/simulator/options/options.ts';
import { serve } from '../chat-api/server.ts';
import type { TestDestination } from '../support/destinations.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { runProgram } from '../support/program.ts';

const preload = new URL('tell-peak.js', import.meta.url).href;

/** So many users, each with as many conversations, which come in pages of so many. */
export type Shape = {
  readonly users: number;
  readonly conversations: number;
  readonly pageSize: number;
  readonly concurrency: number;
  /** Characters of each conversation's custom mark. */
  readonly markLength?: number;
};

/** Exports such users, all alike, and gives the most memory that the program ever had resident, MiB. */
export async function peakOf(
  { users, conversations, pageSize, concurrency, markLength = 6 }: Shape,
  destination: TestDestination,
): Promise<number> {
  const pages = new Map<number, string>();
  const pageAt = (from: number): string => {
    const text =
      pages.get(from) ?? pageOf(from, Math.min(pageSize, conversations - from), conversations, markLength);
    pages.set(from, text);
    return text;
  };
  const { endpoint } = await serve(({ body }, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(pageAt(Number((JSON.parse(body) as { StartIndex: number }).StartIndex)));
  });
  const { peak, counts } = await peakAgainst(endpoint, { users, concurrency }, destination);
  expect(counts.conversations).toBe(users * conversations);
  expect(counts.memberships).toBe(2 * users * conversations);
  return peak;
}

/**
 * Exports users who each have a short page and then a long one, of so many bytes. The long ones of all users come at once, when
 * no answer before was longer than some hundred bytes. Gives the most memory that the program ever had resident, MiB.
 */
export async function peakOfBurst(
  { users, bytes }: { readonly users: number; readonly bytes: number },
  destination: TestDestination,
): Promise<number> {
  const short = pageOf(0, 1, 2, 6);
  const long = Buffer.from(pageOf(1, 1, 2, 6).replace('{', `{"Filler":"${'x'.repeat(bytes)}",`));
  const waiting: (() => void)[] = [];
  const { endpoint } = await serve(({ body }, response) => {
    response.setHeader('content-type', 'application/json');
    if (body.includes('"StartIndex":0')) response.end(short);
    else waiting.push(() => response.end(long));
    if (waiting.length === users) for (const answer of waiting.splice(0)) answer();
  });
  const { peak, counts } = await peakAgainst(endpoint, { users, concurrency: users }, destination);
  // None was made twice.
  expect(counts).toMatchObject({ exported: users, calls: 2 * users });
  return peak;
}

type Counts = Readonly<Record<'exported' | 'calls' | 'conversations' | 'memberships', number>>;

async function peakAgainst(
  endpoint: string,
  { users, concurrency }: Pick<Shape, 'users' | 'concurrency'>,
  destination: TestDestination,
): Promise<{ readonly peak: number; readonly counts: Counts }> {
  const directory = await temporaryDirectory();
  const [list, reported] = [join(directory, 'users.txt'), join(directory, 'peak')];
  await writeFile(list, Array.from({ length: users }, (_, i) => `user${i}\n`).join(''));
  const { code, stdout, stderr } = await runProgram(
    [
      ...['run', '--users', list, '--to', destination.to, '--endpoint', endpoint, '--json', '--quiet'],
      ...['--sdk-app-id', String(defaultOptions.sdkAppId), '--temp-dir', directory],
      ...['--rate', '10000', '--concurrency', String(concurrency), '--timeout', '60s'],
    ],
    {
      env: {
        CHAT_EXPORT_SECRET_KEY: defaultOptions.secretKey,
        NODE_OPTIONS: `--import=${preload}`,
        PEAK_MEMORY_FILE: reported,
      },
    },
  );
  expect(code, stderr).toBe(0);
  const { counts } = JSON.parse(stdout) as { counts: Counts };
  return { peak: Math.round(Number(await readFile(reported, 'utf8')) / 1024), counts };
}

function pageOf(from: number, count: number, conversations: number, markLength: number): string {
  const isLast = from + count >= conversations;
  return JSON.stringify({
    ActionStatus: 'OK',
    ErrorCode: 0,
    ErrorInfo: '',
    ContactItem: Array.from({ length: count }, (_, i) => ({
      Type: 1,
      To_Account: `peer-number-${from + i}`,
      StandardMark: '0'.repeat(34),
      CustomMark: 'x'.repeat(markLength),
      ContactGroupId: [1, 2],
      Timestamp: 1_700_000_000 + from + i,
    })),
    GroupItem: [
      { GroupId: 1, GroupName: 'a' },
      { GroupId: 2, GroupName: 'b' },
    ],
    CompleteFlag: isLast ? 1 : 0,
    NextStartIndex: isLast ? 0 : from + count,
  });
}
