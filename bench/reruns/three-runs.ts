import type { Setting } from '../bench.ts';
import { storeRun } from '../store/store.ts';
import type { StoreOutput } from '../store/task.ts';
import { query, type Server, settle, walPosition } from '../support/postgres.ts';

/** A stored run of users, with with the bytes that it wrote and that the tables take afterwards. */
export type StoredRun = StoreOutput & { readonly walBytes: number; readonly diskBytes: number };

/** Into an empty database: a first run, the same content again, and 1 % of the users changed. */
export type Runs = { readonly first: StoredRun; readonly same: StoredRun; readonly changed: StoredRun };

const CHANGED = 0.01;

/** @throws {Error} when users changed in the run that should change none */
export async function threeRuns(
  { profiles }: Setting,
  server: Server,
  { users, history }: { readonly users: number; readonly history: boolean },
): Promise<Runs> {
  const url = await server.createDatabase();
  const store = async (day: number): Promise<StoredRun> => {
    // Between two runs there is a checkpoint, after which the first change of a page logs the whole page.
    await settle(url);
    const before = await walPosition(url);
    const to = { kind: 'postgres', url, history } as const;
    const stored = await storeRun({ to, users, day, changed: CHANGED }, profiles);
    return { ...stored, walBytes: (await walPosition(url)) - before, diskBytes: await diskOf(url) };
  };
  const first = await store(1);
  const same = await store(1);
  const changed = await store(2);
  await server.dropDatabase(url);
  if (same.unchanged !== users)
    throw new Error(`${users - same.unchanged} users changed in an unchanged run`);
  return { first, same, changed };
}

/** The size of all tables of the export, with their indexes, in bytes. */
async function diskOf(url: string): Promise<number> {
  const [row] = await query(
    url,
    "select sum(pg_total_relation_size(oid))::float8 as bytes from pg_class where relnamespace = 'chat_export'::regnamespace and relkind = 'r'",
  );
  return Number(row?.bytes);
}
