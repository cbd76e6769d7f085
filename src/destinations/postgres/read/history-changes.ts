import { columnNames, type Table } from '../../../rows/table.ts';
import { contactGroups, conversations, memberships } from '../../../rows/tables.ts';
import type { UserChanges } from '../../contract/run-archive.ts';
import { quoteIdentifier } from '../schema/sql-text.ts';

/** A user's changes in one table, as the statement returns them. Counts are texts, as the driver reads a bigint. */
export type ChangesRow = {
  readonly user_id: string;
  readonly table_name: string;
  readonly joined: string;
  readonly left_out: string;
  readonly retitled: string;
  readonly otherwise: string;
};

/** The columns that identify a row of each table, apart from those that may change. */
const titles = [
  { table: conversations, title: ['standard_mark', 'custom_mark'] },
  { table: contactGroups, title: ['contact_group_name'] },
  { table: memberships, title: [] },
] as const;

/** Users whose rows differ between an earlier run and a run, in order. $1 app, $2 earlier run, $3 run. */
export const changesStatement = (schema: string): string =>
  `${titles.map(({ table, title }) => ofTable(schema, table, title)).join('\nunion all\n')}\norder by user_id`;

function ofTable(schema: string, table: Table, title: readonly string[]): string {
  const versions = `${quoteIdentifier(schema)}.${quoteIdentifier(`${table.name}_history`)}`;
  const others = columnNames(table).filter((name) => !table.key.includes(name) && !title.includes(name));
  const differs = (columns: readonly string[]): string => {
    const row = (of: string): string =>
      `(${columns.map((column) => `${of}.${quoteIdentifier(column)}`).join(', ')})`;
    return columns.length === 0 ? 'false' : `${row('before')} is distinct from ${row('after')}`;
  };
  const both = 'before.valid_from_run is not null and after.valid_from_run is not null';
  const counts = {
    joined: 'before.valid_from_run is null',
    left_out: 'after.valid_from_run is null',
    retitled: `${both} and ${differs(title)}`,
    otherwise: `${both} and not ${differs(title)} and ${differs(others)}`,
  };
  const counted = Object.entries(counts).map(
    ([name, which]) => `count(*) filter (where ${which}) as ${name}`,
  );
  return `select user_id, '${table.name}' as table_name, ${counted.join(', ')}
    from (select * from ${versions}
          where sdk_app_id = $1 and valid_from_run <= $2 and valid_to_run > $2 and valid_to_run <= $3) before
    full join (select * from ${versions}
               where sdk_app_id = $1 and valid_from_run > $2 and valid_from_run <= $3
                 and (valid_to_run is null or valid_to_run > $3)) after
      using (${table.key.map(quoteIdentifier).join(', ')})
    group by user_id
    having bool_or(${Object.values(counts).join(' or ')})`;
}

/** Combines the rows of one user; a user without changes has none. */
export async function* userChanges(rows: AsyncIterable<ChangesRow>): AsyncGenerator<UserChanges> {
  let ofUser: ChangesRow[] = [];
  for await (const row of rows) {
    if (ofUser[0] !== undefined && ofUser[0].user_id !== row.user_id) {
      yield together(ofUser);
      ofUser = [];
    }
    ofUser.push(row);
  }
  if (ofUser.length > 0) yield together(ofUser);
}

function together(rows: readonly ChangesRow[]): UserChanges {
  const of = ({ name }: Table) => {
    const row = rows.find(({ table_name }) => table_name === name);
    const count = (text: string | undefined): number => Number(text ?? 0);
    return {
      joined: count(row?.joined),
      left: count(row?.left_out),
      retitled: count(row?.retitled),
      otherwise: count(row?.otherwise),
    };
  };
  const [inConversations, inGroups, inMemberships] = [of(conversations), of(contactGroups), of(memberships)];
  return {
    userId: rows[0]?.user_id ?? '',
    conversations: moved(inConversations, { marked: inConversations.retitled }),
    contactGroups: moved(inGroups, { renamed: inGroups.retitled }),
    memberships: { joined: inMemberships.joined, left: inMemberships.left },
  };
}

const moved = <T>(
  { joined, left, otherwise }: { joined: number; left: number; otherwise: number },
  retitled: T,
) => ({ joined, left, ...retitled, otherwise });
