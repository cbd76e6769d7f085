import type pg from 'pg';

/** Why a server takes no writes from the role of a connection, and a hint. */
export type ReadOnlyReason = { readonly message: string; readonly hint: string };

/** Null when the server takes writes. Works in a read-only transaction, too. */
export async function whyReadOnly(client: pg.ClientBase): Promise<ReadOnlyReason | null> {
  const { rows } = await client.query(
    `select pg_catalog.pg_is_in_recovery() as standby, s.setting = 'on' as "isOff", s.source,
            pg_catalog.quote_ident(current_user) as role,
            pg_catalog.quote_ident(pg_catalog.current_database()) as database
     from pg_catalog.pg_settings s where s.name = 'default_transaction_read_only'`,
  );
  const { standby, isOff, source, role, database } = rows[0] ?? {};
  if (standby === true) {
    return {
      message: 'is a standby server, which takes no writes',
      hint: 'name the primary server in --to (or CHAT_EXPORT_TO), or wait until this one is promoted',
    };
  }
  if (isOff !== true) return null;
  const by = 'takes no writes: default_transaction_read_only is on';
  switch (source) {
    case 'user':
      return { message: `${by} for role ${role}`, hint: unset(`role ${role}`) };
    case 'database':
      return { message: `${by} for database ${database}`, hint: unset(`database ${database}`) };
    case 'database user':
      return {
        message: `${by} for role ${role} in database ${database}`,
        hint: unset(`role ${role} in database ${database}`),
      };
    case 'client':
      return {
        message: `${by} by the options of the connection`,
        hint: 'check PGOPTIONS, and options in the URL',
      };
    default:
      return {
        message: `${by} in the server's settings`,
        hint: "find out why, and allow writes again; a managed service sets this when the server's disk is nearly full",
      };
  }
}

const unset = (whose: string): string =>
  `name a role that may write, or run: alter ${whose} reset default_transaction_read_only`;
