import { addCounts, NO_COUNTS, type RunCounts } from '../../src/destinations/contract/counts.ts';
import type {
  Chunk,
  ChunkResult,
  NewRun,
  RunRecord,
  RunWriter,
} from '../../src/destinations/contract/destination.ts';
import { LATENCY_BOUNDS_MS, type Timeline } from '../../src/destinations/contract/timeline.ts';
import type { UserRows } from '../../src/rows/normalize.ts';
import type { ConversationRow, UnexportedReason, UnexportedUserRow } from '../../src/rows/tables.ts';

export const app = 1400000001;

export const newRun = (users: number, chunkSize: number, change: Partial<NewRun> = {}): NewRun => ({
  job: 'nightly',
  sdkAppId: app,
  endpoint: 'https://console.tim.qq.com',
  rowFormat: 1,
  keyFingerprint: null,
  freeTextDropped: false,
  list: {
    lines: users,
    users,
    beyondLimit: 0,
    duplicates: 0,
    bad: 0,
    blank: 0,
    suppressed: 0,
    digest: 'digest',
  },
  retryOfRun: null,
  chunkSize,
  ...change,
});

/** `u1` to `u<count>`. */
export const userIds = (count: number): string[] => Array.from({ length: count }, (_, i) => `u${i + 1}`);

/** A user with a conversation for each peer, all of them in contact group 7. */
export function userWith(
  userId: string,
  peers: readonly string[],
  change: Partial<ConversationRow> = {},
  sdkAppId = app,
): UserRows {
  const owner = { user_id: userId, sdk_app_id: sdkAppId };
  return {
    userId,
    conversations: peers.map((peer) => ({
      ...owner,
      conversation_id: `c2c_${peer}`,
      conversation_type: 'c2c',
      peer_id: peer,
      standard_mark: null,
      is_starred: null,
      is_marked_unread: null,
      is_folded: null,
      is_hidden: null,
      custom_mark: null,
      source_updated_at: null,
      extra: null,
      ...change,
    })),
    contactGroups:
      peers.length === 0
        ? []
        : [{ ...owner, contact_group_id: 7, contact_group_name: 'Friends', extra: null }],
    memberships: peers.map((peer) => ({ ...owner, contact_group_id: 7, conversation_id: `c2c_${peer}` })),
    oddities: { unnamedGroups: 0, skippedItems: 0, replacedTexts: 0, unknownFields: 0 },
  };
}

/** The timeline of an attempt of so many seconds. */
export const timelineOf = (seconds: number): Timeline => ({
  startedAt: '2026-11-22T03:00:00.000Z',
  quota: 200,
  rateMarginMs: 8,
  rateLimitedCalls: 0,
  bucketSeconds: 1,
  buckets: Array.from({ length: seconds }, (_, i) => ({
    calls: 198 + (i % 2),
    errors: i % 10 === 0 ? { '50004': 2, network: 1 } : {},
    latencies: LATENCY_BOUNDS_MS.map((ms) => (ms > 40 && ms < 110 ? 40 + ((i * ms) % 9) : 0)).concat(0),
    waits: { quota: 900, latency: 0, backOff: 80, destination: 20 },
  })),
  seconds,
});

export const unexported = (
  userId: string,
  reason: UnexportedReason,
  change: Partial<UnexportedUserRow> = {},
): UnexportedUserRow => ({
  user_id: userId,
  sdk_app_id: app,
  reason,
  error_code: null,
  error_info: null,
  calls: 1,
  ...change,
});

type Parts = {
  readonly exported?: readonly UserRows[];
  readonly unexported?: readonly UnexportedUserRow[];
  readonly deferred?: readonly string[];
  readonly remaining?: readonly string[];
  readonly counts?: Partial<RunCounts>;
  readonly removeNotInApp?: boolean;
};

/** The result of a chunk of a run: users outside the given ones were exported with one conversation. */
export function resultOf(run: RunWriter, chunk: Chunk, parts: Parts = {}): ChunkResult {
  const { unexported: not = [], deferred = [], remaining = [], removeNotInApp = false } = parts;
  const reported = new Set([
    ...not.map((user) => user.user_id),
    ...deferred,
    ...remaining,
    ...(parts.exported ?? []).map((user) => user.userId),
  ]);
  const exported = [
    ...(parts.exported ?? []),
    ...chunk.userIds.filter((userId) => !reported.has(userId)).map((userId) => userWith(userId, ['peer'])),
  ];
  const gone = not.filter(({ reason }) => reason === 'not_in_app').length;
  const ends = { exported: exported.length, notInApp: gone, failed: not.length - gone };
  const counts = { ...NO_COUNTS, ...ends, ...parts.counts };
  const encoded = exported.map((user) => run.encode(user));
  return { chunk, exported: encoded, unexported: not, deferred, remaining, counts, removeNotInApp };
}

/** Commits a chunk that is in the run's plan, and gives its counts. */
export async function commitOf(run: RunWriter, result: ChunkResult): Promise<RunCounts> {
  const counts = await run.commit(result);
  if (counts === null) throw new Error(`chunk ${result.chunk.number} is not in the plan`);
  return counts;
}

/** Commits the open chunks of a pass, and returns the counts; every user was exported with one conversation. */
export async function commitAll(run: RunWriter, pass: 1 | 2 = 1): Promise<RunCounts> {
  let counts: RunCounts = NO_COUNTS;
  for await (const chunk of run.openChunks(pass))
    counts = addCounts(counts, await commitOf(run, resultOf(run, chunk)));
  return counts;
}

/** Ends a run whose ledger has all of its plan, and gives its record. */
export async function finish(run: RunWriter, how?: { readonly prune: boolean }): Promise<RunRecord> {
  const end = await run.finish(how);
  if (end.kind !== 'finished') throw new Error('the ledger has not all of the plan');
  return end.record;
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** The only item of a list of one. */
export function only<T>(items: readonly T[]): T {
  const [item] = items;
  if (items.length !== 1 || item === undefined) throw new Error(`one item was expected, not ${items.length}`);
  return item;
}
