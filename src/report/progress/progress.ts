import { styleText } from 'node:util';
import { grouped, milliseconds, percent, rateText, timeSpan } from '../../text/format.ts';
import type { ProgressFigures } from './progress-figures.ts';

/** Whether each is unavailable. */
export type Away = { readonly api: boolean; readonly destination: boolean };

type Part = string | null;

const NARROWEST_BAR = 10;
const WIDEST_BAR = 60;

/** The progress of a run as one line of text, without its line end. */
export const progressText = (figures: ProgressFigures, away: Away): string =>
  joined([
    users(figures),
    timeLeft(figures),
    pace(figures),
    workers(figures),
    rateLimited(figures),
    rows(figures),
    retries(figures),
    toTryAgain(figures),
    failed(figures),
    bottleneck(figures, away),
  ]);

/** The same as lines for a terminal, the first with a bar. No line is wider than `columns`; colour codes have no width. */
export function progressLines(
  figures: ProgressFigures,
  away: Away,
  { columns, colour }: { readonly columns: number; readonly colour: boolean },
): string[] {
  const standing = joined([users(figures), timeLeft(figures)]);
  const room = Math.min(WIDEST_BAR, columns - standing.length - 2);
  return [
    room < NARROWEST_BAR ? cut(standing, columns) : `${bar(figures, room, colour)}  ${standing}`,
    cut(
      joined([pace(figures), workers(figures), rows(figures), failed(figures), rateLimited(figures)]),
      columns,
    ),
    cut(joined([bottleneck(figures, away), retries(figures), toTryAgain(figures)]), columns),
  ];
}

const joined = (parts: readonly Part[]): string => parts.filter((part) => part !== null).join(' · ');

const cut = (text: string, columns: number): string =>
  text.length > columns ? `${text.slice(0, Math.max(0, columns - 1))}…` : text;

// Rounded down: 99.9 % must not be shown as 100 %.
const shareDone = ({ users, usersDone }: ProgressFigures): number =>
  users === 0 ? 1 : Math.floor((usersDone / users) * 1000) / 1000;

function bar(figures: ProgressFigures, width: number, colour: boolean): string {
  const full = Math.floor(shareDone(figures) * width);
  const done = '█'.repeat(full);
  // The screen has decided about colour, by its own stream.
  const shown = colour ? styleText('green', done, { validateStream: false }) : done;
  return `${shown}${'░'.repeat(width - full)}`;
}

const users = (figures: ProgressFigures): string =>
  `${grouped(figures.usersDone)} of ${grouped(figures.users)} users (${percent(shareDone(figures))})`;

const timeLeft = ({ secondsLeft }: ProgressFigures): Part =>
  secondsLeft === null ? null : `${timeSpan(secondsLeft * 1000)} left`;

const pace = ({ callsASecond, quota }: ProgressFigures): string =>
  `${rateText(callsASecond)} of ${rateText(quota)} calls/s`;

const workers = ({ workers }: ProgressFigures): Part =>
  workers === null ? null : workers === 1 ? '1 worker' : `${grouped(workers)} workers`;

/** Of interest from the first refused call on: what the limiter has learned of the line. */
const rateLimited = ({ rateLimitedCalls, rateMarginMs }: ProgressFigures): Part =>
  rateLimitedCalls === 0
    ? null
    : `${grouped(rateLimitedCalls)} rate-limited, margin ${milliseconds(rateMarginMs)}`;

const rows = ({ rows }: ProgressFigures): string => `${grouped(rows)} rows`;

const failed = ({ usersFailed }: ProgressFigures): Part =>
  usersFailed === 0 ? null : `${grouped(usersFailed)} ${usersFailed === 1 ? 'user' : 'users'} failed`;

const toTryAgain = ({ usersWaiting }: ProgressFigures): Part =>
  usersWaiting === 0
    ? null
    : `${grouped(usersWaiting)} ${usersWaiting === 1 ? 'user' : 'users'} to try again`;

function retries({ retries }: ProgressFigures): Part {
  const causes = Object.entries(retries).sort(([, a], [, b]) => b - a);
  const all = causes.reduce((sum, [, count]) => sum + count, 0);
  if (all === 0) return null;
  const each = causes.map(([cause, count]) => `${cause} ${grouped(count)}`).join(', ');
  return `${grouped(all)} ${all === 1 ? 'retry' : 'retries'} (${each})`;
}

function bottleneck({ bottleneck: waitsFor, throttleRatio }: ProgressFigures, away: Away): Part {
  if (away.api) return 'waiting for the API to recover';
  if (away.destination) return 'waiting for the destination to recover';
  switch (waitsFor) {
    case null:
      return null;
    case 'quota':
      return 'waiting for the quota';
    case 'latency':
      return 'waiting for answers of the API';
    case 'destination':
      return 'waiting for the destination';
    case 'backOff':
      return throttleRatio < 1
        ? `backing off after rate-limit errors (to ${percent(throttleRatio)} of the quota)`
        : 'backing off before users are tried again';
  }
}
