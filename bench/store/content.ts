import type { UserRows } from '../../src/rows/normalize.ts';
import { jsonText } from '../../src/simulator/content/json-text.ts';
import { Pages } from '../../src/simulator/content/page.ts';
import { userId } from '../../src/simulator/content/user-id.ts';
import { userProfile } from '../../src/simulator/content/user-profile.ts';
import { defaultOptions, type SimulatorOptions } from '../../src/simulator/options/options.ts';
import { built } from '../support/built.ts';

/** The rows of each simulated user of a day, by user, read from the simulator's answers as a run reads them. */
export async function rowsOfDay(given: Partial<SimulatorOptions>): Promise<Map<string, UserRows>> {
  const { readAnswer } = await built<typeof import('../../src/chat-api/answer.ts')>('chat-api/answer.js');
  const { normalize } = await built<typeof import('../../src/rows/normalize.ts')>('rows/normalize.js');
  const options = { ...defaultOptions, pageSize: 1_000, ...given };
  const simulated = new Pages(options);
  const rows = new Map<string, UserRows>();
  for (let index = 0; index < options.users; index += 1) {
    const answer = simulated.page(index, userProfile(options, index), 0);
    if (answer === null) throw new Error(`user ${index} has no first page`);
    const user = userId(index, options.oddUserIds);
    const settings = { sdkAppId: options.sdkAppId, unknownItems: 'fail' } as const;
    rows.set(user, normalize(user, [readAnswer(jsonText(answer))], settings));
  }
  return rows;
}
