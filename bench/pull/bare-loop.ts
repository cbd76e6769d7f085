import { Pool, request } from 'undici';
import { contend } from '../support/contender.ts';
import { stopwatch } from '../support/stopwatch.ts';
import { userAt } from './pages.ts';
import { type PullInput, type PullOutput, WARM_UP_TIMES } from './task.ts';

/** The minimum: `request` and `JSON.parse`, page after page, each connection busy all the time. */
contend<PullInput, PullOutput>(async ({ origin, pages, connections, times }) => {
  const dispatcher = new Pool(origin, { connections, pipelining: 1 });
  const url = new URL('/v4/recentcontact/get_contact_group?sdkappid=1400000000', origin);
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  let users = 0;
  let next = 0;
  let pulled = 0;
  let items = 0;
  const pullUsers = async (): Promise<void> => {
    while (next < users) {
      const user = userAt(next++ % pages.users);
      let index = 0;
      let isLast = false;
      while (!isLast) {
        const body = JSON.stringify({ From_Account: user, StartIndex: index });
        const response = await request(url, { method: 'POST', headers, body, dispatcher });
        const answer = JSON.parse(await response.body.text());
        pulled += 1;
        items += answer.ContactItem.length;
        isLast = answer.CompleteFlag === 1;
        index = answer.NextStartIndex;
      }
    }
  };
  const pullAll = async (times: number): Promise<void> => {
    users = pages.users * times;
    [next, pulled, items] = [0, 0, 0];
    await Promise.all(Array.from({ length: connections }, pullUsers));
  };
  await pullAll(WARM_UP_TIMES);
  const taken = stopwatch();
  await pullAll(times);
  const { seconds, cpuSeconds } = taken();
  await dispatcher.destroy();
  return { seconds, cpuSeconds, pages: pulled, items };
});
