import { writeSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { systemCode } from '../../errors/system-error.ts';
import type { Terminal } from '../../report/progress/progress-meter.ts';
import type { ProcessContext } from '../command/process-context.ts';

/** Standard error: log lines, and on a terminal some lines below them that are redrawn. */
export type Screen = {
  readonly write: (line: string) => void;
  /** Null if standard error is no terminal. */
  readonly terminal: Terminal | null;
  readonly colour: boolean;
};

const COLUMNS = 80;
const ROWS = 24;
const ONE_LINE_UP_AND_ERASED = '\u001b[1A\u001b[2K';

export async function openScreen({ err, env }: ProcessContext): Promise<Screen> {
  const put = (text: string): void => {
    // Synchronous: a line that explains an exit must be written before it.
    if (err.fd === undefined) err.write(text);
    else writeAll(err.fd, text);
  };
  if (err.isTTY !== true || env.TERM === 'dumb') return { write: put, terminal: null, colour: false };
  const colour = (env.NO_COLOR ?? '') === '';
  const stream = {
    isTTY: true,
    // A terminal of unknown size reports 0.
    get columns() {
      return err.columns || COLUMNS;
    },
    get rows() {
      return err.rows || ROWS;
    },
    write: (text: string) => {
      put(text);
      return true;
    },
  };
  const { createLogUpdate } = await import('log-update');
  // The cursor stays visible: whatever ends the program, there is nothing to restore.
  const update = createLogUpdate(stream as unknown as NodeJS.WritableStream, { showCursor: true });
  let drawn = '';
  let drawnColumns = 0;
  /** A terminal that has become narrower has wrapped long lines, so there are more lines than were drawn. */
  const eraseBroken = (): void => {
    if (drawn === '' || stream.columns >= drawnColumns) return;
    update.clear();
    put(ONE_LINE_UP_AND_ERASED.repeat(linesIn(drawn, stream.columns) - linesIn(drawn, drawnColumns)));
  };
  const terminal: Terminal = {
    colour,
    // Some terminals move to the next line when the last column is filled, others at the next character.
    get columns() {
      return stream.columns - 1;
    },
    draw(lines) {
      eraseBroken();
      drawn = lines.join('\n');
      drawnColumns = stream.columns;
      update(drawn);
    },
    clear() {
      eraseBroken();
      if (drawn !== '') update.clear();
      drawn = '';
    },
  };
  const write = (line: string): void => {
    const below = drawn;
    terminal.clear();
    put(line);
    // Lines that are too wide for a narrower terminal are drawn again at the next change.
    if (below !== '' && stream.columns >= drawnColumns) terminal.draw([below]);
  };
  return { write, terminal, colour };
}

/** The number of terminal lines that a text takes. */
const linesIn = (text: string, columns: number): number =>
  text
    .split('\n')
    .map((line) => Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns)))
    .reduce((sum, lines) => sum + lines, 0);

// The wait before a full pipe is tried again, without keeping a core busy.
const FULL_MS = 5;
const NOBODY_WAKES = new Int32Array(new SharedArrayBuffer(4));

function writeAll(fd: number, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      // The pipe is full: its reader continues, or has left.
      if (systemCode(error) !== 'EAGAIN') return;
      Atomics.wait(NOBODY_WAKES, 0, 0, FULL_MS);
    }
  }
}
