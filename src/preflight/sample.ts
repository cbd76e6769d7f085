import type { DistinctUsers } from '../user-list/distinct/distinct-users.ts';

/** `most` users spread evenly over a list, in its order; all of them when there are no more. */
export function sampleUsers(users: Pick<DistinctUsers, 'users' | 'batches'>, most: number): string[] {
  const wanted = Math.min(most, users.users);
  const sample: string[] = [];
  let place = 0;
  for (const batch of users.batches()) {
    for (const userId of batch) {
      if (sample.length < wanted && place >= Math.floor((sample.length * users.users) / wanted)) {
        sample.push(userId);
      }
      place += 1;
    }
    if (sample.length === wanted) break;
  }
  return sample;
}
