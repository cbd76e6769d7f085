import { wrapAnsi } from 'fast-wrap-ansi';

/** A text in lines of at most `width` columns, wrapped between words. A longer word has a line of its own. */
export const wrapped = (text: string, width: number): string[] =>
  Number.isFinite(width) ? wrapAnsi(text, width).split('\n') : [text];

/** A command in lines of at most `width` characters, wrapped before flags, in shell syntax. */
export function wrappedCommand(commandLine: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of commandLine.split(/ (?=--?[a-z])/)) {
    if (line !== '' && line.length + 1 + part.length + 2 > width) {
      lines.push(`${line} \\`);
      line = `    ${part}`;
    } else {
      line = line === '' ? part : `${line} ${part}`;
    }
  }
  return [...lines, line];
}
