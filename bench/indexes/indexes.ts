import type { Bench, Setting } from '../bench.ts';
import { inTurn } from '../in-turn.ts';
import type { Figure } from '../report/figure.ts';
import { median, ratioOf, spreadOf } from '../statistics.ts';
import { query, type Server, settle, startServer, walPosition } from '../support/postgres.ts';
import { fillWarehouse, LAST_RUN, usersWith } from './warehouse.ts';

type Candidate = {
  readonly index: string;
  readonly table: string;
  readonly question: string;
  readonly asks: string;
};

/** Indexes that analysts might ask for, each with the question that it is for. */
const candidates: readonly Candidate[] = [
  {
    index: 'conversations (conversation_id)',
    table: 'conversations',
    asks: 'who keeps one user',
    question: `select user_id from conversations where conversation_id = (select conversation_id from conversations order by user_id desc limit 1)`,
  },
  {
    index: 'memberships (conversation_id)',
    table: 'memberships',
    asks: 'in which contact groups one user is kept',
    question: `select user_id, contact_group_id from memberships where conversation_id = (select conversation_id from memberships order by user_id desc limit 1)`,
  },
  {
    index: 'conversations using brin (last_changed_run)',
    table: 'conversations',
    asks: 'what the last run changed',
    question: `select * from conversations where last_changed_run = ${LAST_RUN}`,
  },
  {
    index: 'conversations (last_changed_run)',
    table: 'conversations',
    asks: 'what the last run changed',
    question: `select * from conversations where last_changed_run = ${LAST_RUN}`,
  },
  {
    index: 'exported_users (last_changed_run)',
    table: 'exported_users',
    asks: 'whom the last run changed',
    question: `select user_id from exported_users where last_changed_run = ${LAST_RUN}`,
  },
];

const ROUNDS = 3;
// The rows that are loaded with and without an index.
const LOADED = 1_000_000;

export const indexes: Bench = {
  name: 'indexes',
  summary: 'what an index would give those who ask, and what it would cost each load',
  onlyWhenNamed: true,
  run: async (setting) => {
    const memberships = setting.quick ? 80_000 : 10_000_000;
    await using server = await startServer(setting.directory);
    const url = await server.createDatabase();
    setting.say(`filling tables with ${memberships} memberships`);
    await fillWarehouse(url, usersWith(memberships));
    const figures: Figure[] = [await ofOneUser(url, memberships)];
    for (const candidate of candidates)
      figures.push(...(await judged(candidate, { setting, server, url, memberships })));
    return { figures };
  },
};

/** The rows of one user, found by the existing keys. */
async function ofOneUser(url: string, memberships: number): Promise<Figure> {
  const readings: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    readings.push(
      await timeOf(
        url,
        `select * from memberships where user_id = 'user0000000777' and sdk_app_id = 1400000000`,
      ),
    );
  return {
    what: 'time of the question: one user’s memberships, by the key',
    against: 'a millisecond',
    unit: 'ratio',
    value: spreadOf(readings),
    reach: null,
    detail: `of ${memberships} memberships`,
  };
}

type Ground = {
  readonly setting: Setting;
  readonly server: Server;
  readonly url: string;
  readonly memberships: number;
};

async function judged(
  { index, table, question, asks }: Candidate,
  { setting, url, memberships }: Ground,
): Promise<Figure[]> {
  const { say } = setting;
  const without: number[] = [];
  const having: number[] = [];
  say(`${index}: asked`);
  // Once to fill the caches, as much as they hold.
  await timeOf(url, question);
  for (let round = 0; round < ROUNDS; round += 1) without.push(await timeOf(url, question));
  await query(url, `set search_path = chat_export; create index candidate on ${index}`);
  await query(url, `analyze chat_export.${table}`);
  await timeOf(url, question);
  for (let round = 0; round < ROUNDS; round += 1) having.push(await timeOf(url, question));
  const [size] = await query(
    url,
    `select pg_relation_size('chat_export.candidate')::float8 / greatest(1, (select count(*) from chat_export.${table})) as bytes`,
  );
  await query(url, 'drop index chat_export.candidate');
  const loads = await inTurn(
    {
      without: () => loadOf(url, table, null),
      having: () => loadOf(url, table, index),
    },
    ROUNDS,
    (text) => say(`${index}, loaded: ${text}`),
  );
  const milliseconds = (values: readonly number[]): string =>
    median(values).toFixed(median(values) < 10 ? 2 : 0);
  const pairs = (values: readonly number[]): { readonly ms: number }[] => values.map((ms) => ({ ms }));
  return [
    {
      what: `time of the question ${asks}, with an index on ${index}`,
      against: `the same without it, at ${memberships} memberships`,
      unit: 'ratio',
      value: ratioOf(pairs(having), pairs(without), ({ ms }) => ms),
      reach: null,
      detail: `${milliseconds(having)} against ${milliseconds(without)} ms, the index ${Number(size?.bytes).toFixed(1)} B a row`,
    },
    {
      what: `time to load ${table} with an index on ${index}`,
      against: 'the same with its key alone',
      unit: 'ratio',
      value: ratioOf(loads.having, loads.without, ({ seconds }) => seconds),
      reach: null,
      detail: `${(median(loads.having.map(({ wal }) => wal)) / median(loads.without.map(({ wal }) => wal))).toFixed(2)} times the write-ahead log`,
    },
  ];
}

/** Milliseconds at the server, from `explain (analyze)`. */
async function timeOf(url: string, question: string): Promise<number> {
  const rows = await query(withSchema(url), `explain (analyze, timing off, format json) ${question}`);
  const [plan] = Object.values(rows[0] ?? {})[0] as { readonly 'Execution Time': number }[];
  if (plan === undefined) throw new Error('the server explained nothing');
  return plan['Execution Time'];
}

function withSchema(url: string): string {
  const place = new URL(url);
  place.searchParams.set('options', '-c search_path=chat_export');
  return place.href;
}

async function loadOf(
  url: string,
  table: string,
  index: string | null,
): Promise<{ readonly seconds: number; readonly wal: number }> {
  await query(
    url,
    `drop table if exists public.loaded; create table public.loaded (like chat_export.${table} including indexes)`,
  );
  if (index !== null) await query(url, `create index on public.loaded ${index.slice(table.length)}`);
  await settle(url);
  const [from, began] = [await walPosition(url), performance.now()];
  await query(url, `insert into public.loaded select * from chat_export.${table} limit ${LOADED}`);
  const seconds = (performance.now() - began) / 1000;
  return { seconds, wal: (await walPosition(url)) - from };
}
