import { readFile } from 'node:fs/promises';
import type { ExportedUser, PulledUser, PullOptions } from '../../src/index.ts';
import { exportedUserRow } from '../../src/rows/exported-user.ts';
import { columnNames } from '../../src/rows/table.ts';
import type { TestDestination } from '../support/destinations.ts';
import { comparable } from '../support/rows.ts';
import { SECRET_KEY, type Simulation } from '../support/simulation.ts';

export const SDK_APP_ID = 1400000000;

/** The options for a simulation, as fast as it takes calls. */
export const appOf = ({ url }: Simulation): PullOptions => ({
  endpoint: url,
  sdkAppId: SDK_APP_ID,
  secretKey: SECRET_KEY,
  rate: 1_000,
});

/** All that is pulled, in the order in which it comes. */
export async function all(users: AsyncIterable<PulledUser>): Promise<PulledUser[]> {
  const pulled: PulledUser[] = [];
  for await (const user of users) pulled.push(user);
  return pulled;
}

/** The first IDs of every simulation whose list has as many and no odd ones. */
export const ids = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `user${String(i).padStart(7, '0')}`);

/** The IDs of a simulation's list. */
export const idsOf = async ({ users }: Simulation): Promise<string[]> =>
  (await readFile(users, 'utf8')).trimEnd().split('\n');

export const exportedOf = (users: readonly PulledUser[]): ExportedUser[] =>
  users.filter((user) => user.status === 'exported');

/** The pulled rows in the form of a destination, for comparison with the expected rows. */
export const asDestination = (users: readonly PulledUser[]): TestDestination => ({
  to: 'memory',
  rows: async (table) => {
    const rows = exportedOf(users).flatMap((user): readonly object[] => {
      const byTable: Record<string, readonly object[]> = {
        conversations: user.conversations,
        contact_groups: user.contactGroups,
        memberships: user.memberships,
        exported_users: [exportedUserRow({ ...user, oddities: user.anomalies }, SDK_APP_ID)],
      };
      return byTable[table.name] ?? [];
    });
    const names = columnNames(table);
    return comparable(
      table,
      rows.map((row) => {
        const cells = row as Readonly<Record<string, unknown>>;
        return names.map((name) => (cells[name] === null ? null : String(cells[name])));
      }),
    );
  },
});
