import type pg from 'pg';

/** The reason why a server process waits, in words: locks of others, or the confirmation of a commit. */
export type ServerWait = {
  readonly for: 'lock' | 'standby';
  /** The holder of the lock, or the standbys that must confirm. */
  readonly by: string;
};

// A holder may itself wait for another process. That last process is the one to end.
const MAX_DEPTH = 4;

const instant = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

/** The wait of a server process: null when it does not wait, undefined when the process has ended. */
export async function findWait(client: pg.ClientBase, pid: number): Promise<ServerWait | null | undefined> {
  const { rows } = await client.query(
    `select wait_event_type as type, wait_event as event, current_setting('synchronous_standby_names') as standbys,
            case when wait_event_type = 'Lock' then pg_blocking_pids(pid) end as blockers
     from pg_stat_activity where pid = $1`,
    [pid],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  if (row.event === 'SyncRep') return { for: 'standby', by: `synchronous_standby_names = '${row.standbys}'` };
  if (row.type !== 'Lock') return null;
  return { for: 'lock', by: await findHolders(client, pid, row.blockers, 1) };
}

async function findHolders(
  client: pg.ClientBase,
  waiter: number,
  blockers: readonly number[],
  depth: number,
): Promise<string> {
  const { rows } = await client.query(
    `select pid, usename as role, nullif(application_name, '') as name, backend_type as type, state,
            ${instant('coalesce(xact_start, backend_start)')} as since,
            case when datname <> current_database() then datname end as elsewhere,
            case when backend_type = 'autovacuum worker' then query end as vacuum,
            case when wait_event_type = 'Lock' then pg_blocking_pids(pid) end as blockers
     from pg_stat_activity where pid = any($1) order by pid`,
    [blockers],
  );
  const holders: string[] = [];
  for (const row of rows) {
    const waits = Array.isArray(row.blockers) && row.blockers.length > 0 && depth < MAX_DEPTH;
    const behind = waits
      ? `, which waits for ${await findHolders(client, Number(row.pid), row.blockers, depth + 1)}`
      : '';
    holders.push(`${sessionText(row)}${behind}`);
  }
  // A prepared transaction holds its locks without a process, which counts as number 0.
  if (blockers.includes(0)) holders.push(...(await preparedTransactions(client, waiter)));
  return holders.length === 0 ? 'a session that cannot be seen' : holders.join(', ');
}

/** In words. The server shows a state and an instant only to roles that may read all statistics. */
function sessionText(row: Readonly<Record<string, unknown>>): string {
  const since = typeof row.since === 'string' ? ` since ${row.since}` : '';
  const facts = [
    `process ${row.pid}${typeof row.role === 'string' ? ` of role ${row.role}` : ''}`,
    ...(typeof row.elsewhere === 'string' ? [`in database ${row.elsewhere}`] : []),
    ...(typeof row.state === 'string' ? [`${row.state}${since}`] : since === '' ? [] : [since.trim()]),
  ];
  const vacuum = typeof row.vacuum === 'string' && row.vacuum !== '' ? row.vacuum : null;
  const isClient = row.type === 'client backend' || typeof row.type !== 'string';
  return `${vacuum ?? row.name ?? (isClient ? 'a session' : row.type)} (${facts.join(', ')})`;
}

async function preparedTransactions(client: pg.ClientBase, waiter: number): Promise<readonly string[]> {
  const key = (lock: string): string =>
    '(' +
    ['locktype', 'database', 'relation', 'page', 'tuple', 'virtualxid', 'transactionid']
      .concat('classid', 'objid', 'objsubid')
      .map((column) => `${lock}.${column}`)
      .join(', ') +
    ')';
  const { rows } = await client.query(
    `select distinct p.gid, p.owner as role, ${instant('p.prepared')} as since
     from pg_locks w
     join pg_locks h on h.granted and h.pid is null and ${key('h')} is not distinct from ${key('w')}
     join pg_locks x on x.pid is null and x.locktype = 'transactionid' and x.virtualtransaction = h.virtualtransaction
     join pg_prepared_xacts p on p.transaction = x.transactionid
     where w.pid = $1 and not w.granted order by p.gid`,
    [waiter],
  );
  if (rows.length === 0) return ['a prepared transaction (pg_prepared_xacts lists them)'];
  return rows.map(
    ({ gid, role, since }) =>
      `the prepared transaction '${gid}' of role ${role}, prepared ${since} (commit prepared or rollback prepared ends it)`,
  );
}
