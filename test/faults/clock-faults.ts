import type { End, Fault } from './fault.ts';
import { importing, type Scene } from './scene.ts';

const DAY_MS = 86_400_000;
const shifted = (ms: number, step?: string): Record<string, string> => ({
  ...importing('shift-clock.js'),
  SHIFT_MS: String(ms),
  ...(step === undefined ? {} : { AT_STEP: step }),
});

// UserSigs are signed by the wall clock: the API takes those from the future, and those that are two days old for expired.
const behind: End = {
  code: 4,
  says: /chat-export: 70001: .*this machine's clock is 2 days behind the API's/,
};
const resumes: End = { code: 0, says: /run 1 of job default resumes/ };

const setRight = async ({ env }: Scene): Promise<void> => {
  delete env.NODE_OPTIONS;
};

const setUnderWay = (fault: string, ms: number, ends: End): Fault => ({
  fault,
  to: ['csv'],
  start: (scene) => scene.start(shifted(ms, 'chunk-committed')),
  ends,
});

const setBetween = (fault: string, ms: number, ...next: readonly End[]): Fault => ({
  fault,
  to: ['csv', 'postgres 18'],
  cause: async (_, program) => {
    program.kill();
    return undefined;
  },
  ends: { code: 143, says: /SIGTERM/ },
  next: next.map((end, i) => ({
    ...end,
    prepare: i === 0 ? async ({ env }: Scene) => void Object.assign(env, shifted(ms)) : setRight,
  })),
});

export const clockFaults: readonly Fault[] = [
  setUnderWay('the clock is set forward by two days under way', 2 * DAY_MS, {
    code: 0,
    says: /run \d of job default starts: /,
  }),
  setUnderWay('the clock is set back by two days under way', -2 * DAY_MS, behind),
  setBetween('the clock is set forward by two days between two attempts', 2 * DAY_MS, {
    code: 0,
    says: /run 2 of job default starts: run 1 is unfinished but started 48 h ago, over --resume-within 20 h; it is closed/,
  }),
  setBetween(
    'the clock is set back by two days between two attempts, and right for a third',
    -2 * DAY_MS,
    { ...behind, says: new RegExp(`${resumes.says.source}.*\\n(.*\\n)*${behind.says.source}`) },
    resumes,
  ),
];
