/** A text in lines of at most `width` characters, broken between words; a longer word has a line of its own. */
export function wrapped(text: string, width: number): string[] {
  if (text.length <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ +/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** A command line in lines of at most `width` characters, broken before flags, as a shell reads it. */
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
