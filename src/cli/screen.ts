import { writeSync } from 'node:fs';
import type { Terminal } from '../report/progress-meter.ts';
import type { Surroundings } from './surroundings.ts';

const CLEAR_LINE = '\r\u001b[K';

/** Standard error: log lines, and on a terminal one line below them that is drawn anew. */
export type Screen = {
  readonly write: (line: string) => void;
  /** Null where standard error is no terminal. */
  readonly terminal: Terminal | null;
  readonly colour: boolean;
};

export function openScreen({ err, env }: Surroundings): Screen {
  const isTerminal = err.isTTY === true && env.TERM !== 'dumb';
  let drawn = '';
  const put = (text: string): void => {
    // Synchronous: a line that explains an exit must be out before it.
    if (err.fd === undefined) err.write(text);
    else writeAll(err.fd, text);
  };
  const terminal: Terminal = {
    draw(text) {
      drawn = text.slice(0, Math.max(20, (err.columns ?? 80) - 1));
      put(`${CLEAR_LINE}${drawn}`);
    },
    clear() {
      if (drawn !== '') put(CLEAR_LINE);
      drawn = '';
    },
  };
  return {
    write: (line) => put(drawn === '' ? line : `${CLEAR_LINE}${line}${drawn}`),
    terminal: isTerminal ? terminal : null,
    colour: isTerminal && (env.NO_COLOR ?? '') === '',
  };
}

function writeAll(fd: number, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      // A pipe that is full for now; the reader makes room, or has gone.
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') continue;
      return;
    }
  }
}
