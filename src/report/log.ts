import pino from 'pino';
import pretty from 'pino-pretty';
import type { Job } from '../config/model/job.ts';
import { snakeCased } from '../json/key-case.ts';
import { printable, printableJson } from './text/printable.ts';

/** A log whose messages are whole sentences. `fields` are for machines. */
export type Log = Record<
  'debug' | 'info' | 'warn' | 'error',
  (message: string, fields?: Readonly<Record<string, unknown>>) => void
>;

export type LogOptions = Pick<Job['output'], 'logLevel' | 'logFormat'> & {
  readonly colour: boolean;
  /** Takes whole lines. Synchronous, so that no line is lost when the process ends. */
  readonly write: (line: string) => void;
};

/** Opens the log: lines of text for people, or JSON, one object a line. */
export function openLog({ logLevel, logFormat, colour, write }: LogOptions): Log {
  const lines = {
    write(line: string): void {
      write(printableJson(line));
    },
  };
  const logger =
    logFormat === 'json'
      ? pino(
          {
            level: logLevel,
            base: null,
            timestamp: pino.stdTimeFunctions.isoTime,
            formatters: { log: (fields) => snakeCased(fields) as Record<string, unknown> },
          },
          lines,
        )
      : pino({ level: logLevel, base: null }, textLines(write, colour));
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
      logger[level](fields, printable(message));
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function textLines(write: (line: string) => void, colour: boolean): pino.DestinationStream {
  const format = pretty.prettyFactory({
    colorize: colour,
    translateTime: 'UTC:yyyy-mm-dd"T"HH:MM:ss"Z"',
    hideObject: true,
    customPrettifiers: { time: (time) => String(time) },
  });
  return { write: (line: string) => write(format(line) ?? line) };
}
