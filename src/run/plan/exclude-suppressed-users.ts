import type { SuppressedUsers } from '../../destinations/contract/suppressed-users.ts';
import type { DistinctUsers } from '../../user-list/distinct/distinct-users.ts';
import type { IdCodec } from '../ids/id-codec.ts';

/** Users of a list, in its order. */
export type KeptUsers = Pick<DistinctUsers, 'users' | 'batches'>;

/** The users of a list that the destination does not suppress. */
export function excludeSuppressedUsers(
  list: KeptUsers,
  { toRow: inRows }: Pick<IdCodec, 'toRow'>,
  suppressed: SuppressedUsers,
): KeptUsers {
  if (suppressed.isEmpty) return list;
  const kept = (batch: readonly string[]): string[] => batch.filter((user) => !suppressed.has(inRows(user)));
  let users = 0;
  for (const batch of list.batches()) users += kept(batch).length;
  return {
    users,
    *batches(limit = Number.POSITIVE_INFINITY) {
      let left = limit;
      for (const batch of list.batches()) {
        const some = kept(batch).slice(0, left);
        left -= some.length;
        if (some.length > 0) yield some;
        if (left === 0) return;
      }
    },
  };
}
