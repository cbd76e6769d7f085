import { expect, test } from 'vitest';
import type { DestinationEvents } from '../../../src/destinations/contract/destination.ts';
import { DestinationError } from '../../../src/destinations/contract/destination-error.ts';
import { all, newRun, only, resultOf, userIds } from '../samples.ts';
import { PostgresGround } from './ground.ts';
import { type Refusal, Relay } from './relay.ts';

const ground = new PostgresGround();

/**
 * A run with one chunk, over a connection that can refuse; `away` resolves when the run reports that the database is unavailable.
 */
async function oneChunk(maxOutageMs = 20_000) {
  const relay = await Relay.start(ground.url);
  const reported: string[] = [];
  let seen = (): void => {};
  const away = new Promise<void>((resolve) => {
    seen = resolve;
  });
  const onOutage: DestinationEvents['onOutage'] = (outage) => {
    reported.push(outage === null ? 'back' : String(outage.cause));
    seen();
  };
  const schema = ground.schema();
  const events = { onOutage, onNotice: () => {} };
  const destination = await ground.open(schema, { url: relay.url, maxOutageMs, events });
  const run = await destination.begin(newRun(3, 3), [userIds(3)]);
  const chunk = only(await all(run.openChunks(1)));
  const rows = () => ground.query(`select from ${schema}.conversations`);
  const end = async (): Promise<void> => {
    await destination.close();
    await relay.down();
  };
  return { relay, schema, reported, away, run, chunk, rows, end };
}

/** As poolers have been seen to say it, and a server in another language than English. */
const WORDS: readonly (readonly [severity: string, code: string, message: string])[] = [
  ['FATAL', 'XX000', '(EMAXCONNSESSION) max clients reached in session mode'],
  ['FATAL', '58000', 'could not get connection from the pool - AllServersDown'],
  ['FATAL', '55000', 'database "x" is not currently accepting connections'],
  ['FATAL', '08P01', 'query_wait_timeout'],
  ['FATAL', '53300', 'sorry, too many clients already'],
  ['FATAL', '57P03', 'the database system is starting up'],
  ['FATAL', '53400', 'configured limit exceeded'],
  ['ВАЖНО', '55000', 'база не принимает подключения'],
];

const refusalOf = ([severity, code, message]: (typeof WORDS)[number]): Refusal => ({
  severity,
  code,
  message,
});

/** Commits a chunk while the pooler answers with these words, and expects its rows once it has recovered. */
async function commitAcross(
  words: (typeof WORDS)[number],
  when: 'mid-run' | 'in a transaction',
): Promise<void> {
  const { relay, reported, away, run, chunk, rows, end } = await oneChunk();
  relay.refusal = refusalOf(words);
  if (when === 'mid-run') relay.cut();
  const committing = run.commit(resultOf(run, chunk));
  await Promise.race([away, committing]);
  relay.refusal = null;
  expect(await committing).toMatchObject({ exported: 3, rowsWritten: 9 });
  expect(reported).toEqual([expect.stringContaining(words[2]), 'back']);
  expect(await rows()).toHaveLength(3);
  await end();
}

test.each(WORDS)(
  '%s %s (%s) when the connection is made again in mid-run means unavailable',
  async (...words) => await commitAcross(words, 'mid-run'),
);

test.each(WORDS.filter(([severity]) => severity === 'FATAL'))(
  '%s %s (%s) in the middle of a transaction means unavailable',
  async (...words) => await commitAcross(words, 'in a transaction'),
);

test.each([
  ['FATAL', '28P01', 'password authentication failed for user "x"'],
  ['FATAL', '28000', 'no pg_hba.conf entry for host "x"'],
  ['FATAL', '3D000', 'database "x" does not exist'],
] as const)('%s %s (%s) ends the run: waiting would not help', async (...words) => {
  const { relay, reported, run, chunk, rows, end } = await oneChunk();
  relay.refusal = refusalOf(words);
  relay.cut();
  const error = await run.commit(resultOf(run, chunk)).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(DestinationError);
  expect(String(error)).toContain(`${words[2]} (${words[1]}); `);
  expect(reported).toEqual([]);
  expect(await rows()).toEqual([]);
  await end();
});

test('messages of a pooler that last longer than the outage allowed end the run', async () => {
  const { relay, run, chunk, rows, end } = await oneChunk(0);
  relay.refusal = refusalOf(['FATAL', 'XX000', 'no room']);
  relay.cut();
  const error = await run.commit(resultOf(run, chunk)).catch((caught: unknown) => caught);
  expect(String(error)).toMatch(/did not recover within 0 s; postgres:\/\/test: no room \(XX000\)/);
  expect(await rows()).toEqual([]);
  await end();
});

test('an error of the server itself with such a code does not concern its connection', async () => {
  const { schema, reported, run, chunk, end } = await oneChunk();
  await ground.query(`create function public.fails() returns trigger language plpgsql as
    $$ begin raise exception 'broken page' using errcode = 'XX000'; end $$`);
  await ground.query(
    `create trigger fails before insert on ${schema}.exported_users execute function public.fails()`,
  );
  const error = await run.commit(resultOf(run, chunk)).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(DestinationError);
  expect(String(error)).toMatch(/broken page \(XX000\)/);
  expect(reported).toEqual([]);
  await end();
});
