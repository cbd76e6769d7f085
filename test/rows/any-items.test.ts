import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentHash } from '../../src/rows/content-hash.ts';
import type { UserRows } from '../../src/rows/normalize.ts';
import { InvalidPage } from '../../src/rows/page.ts';
import type { Row, Table } from '../../src/rows/table.ts';
import { columnNames } from '../../src/rows/table.ts';
import { contactGroups, conversations, memberships } from '../../src/rows/tables.ts';
import { rowsOf, soundGroup, soundItem, wildItem } from './pages.ts';

function checkTable(table: Table, rows: readonly Row[]): void {
  const keys = rows.map((row) => JSON.stringify(table.key.map((name) => row[name])));
  expect(new Set(keys).size).toBe(rows.length);
  for (const row of rows) {
    expect(Object.keys(row)).toEqual(columnNames(table));
    for (const { name, type, nullable } of table.columns) {
      const cell = row[name];
      if (cell === null) {
        expect(nullable).toBe(true);
        continue;
      }
      if (type === 'boolean') expect(typeof cell).toBe('boolean');
      else if (type === 'bigint') expect(String(cell)).toMatch(/^-?\d+$/);
      else if (type === 'timestamptz')
        expect(cell).toMatch(/^(19[7-9]|20|2100)\d*-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      else {
        expect(typeof cell).toBe('string');
        expect(String(cell)).not.toContain('\0');
        expect(String(cell).isWellFormed()).toBe(true);
        if (type === 'jsonb') expect(Object.keys(JSON.parse(String(cell)) as object)).not.toHaveLength(0);
      }
    }
  }
}

function check(rows: UserRows): void {
  checkTable(conversations, rows.conversations);
  checkTable(contactGroups, rows.contactGroups);
  checkTable(memberships, rows.memberships);
  const known = new Set(rows.conversations.map((row) => row.conversation_id));
  for (const { conversation_id } of rows.memberships) expect(known).toContain(conversation_id);
  expect(contentHash(rows)).toHaveLength(16);
}

const overTheWire = (items: unknown[]): unknown[] => JSON.parse(JSON.stringify(items)) as unknown[];

test('whatever JSON comes, it becomes sound rows or is refused', () => {
  let understood = 0;
  let refused = 0;
  fc.assert(
    fc.property(
      fc.array(wildItem, { maxLength: 4 }),
      fc.array(wildItem, { maxLength: 2 }),
      fc.constantFrom('fail', 'skip'),
      (contactItems, groupItems, unknownItems) => {
        const page = { contactItems: overTheWire(contactItems), groupItems: overTheWire(groupItems) };
        try {
          check(rowsOf([page], { unknownItems }));
          understood += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidPage);
          expect((error as Error).message).not.toMatch(/[\n\0]/);
          refused += 1;
        }
      },
    ),
    { numRuns: 1_000 },
  );
  expect(Math.min(understood, refused)).toBeGreaterThan(20);
});

test('sound items are always understood, in full', () => {
  fc.assert(
    fc.property(fc.array(soundItem), fc.array(soundGroup), (contactItems, groupItems) => {
      const rows = rowsOf([{ contactItems, groupItems }]);
      check(rows);
      const named = new Set(groupItems.map((group) => String(group.GroupId)));
      expect(new Set(rows.contactGroups.map((row) => row.contact_group_id))).toEqual(named);
      expect(rows.oddities.unnamedGroups).toBe(
        rows.memberships.filter((row) => !named.has(String(row.contact_group_id))).length,
      );
    }),
    { numRuns: 200 },
  );
});
