import type { Token } from './tokens.ts';

export interface Import {
  /** As written; undefined for a dynamic import of something computed. */
  readonly from: string | undefined;
  /** Whether only types come over it. */
  readonly typeOnly: boolean;
}

/** Everything that a source takes from elsewhere: imports, re-exports and dynamic imports, types included. */
export function importsOf(tokens: readonly Token[]): Import[] {
  const found: Import[] = [];
  tokens.forEach((token, index) => {
    if (token.kind !== 'word' || tokens[index - 1]?.text === '.') return;
    if (token.text === 'import') found.push(...importAt(tokens, index + 1));
    if (token.text === 'export') found.push(...clauseAt(tokens, index + 1));
  });
  return found;
}

function importAt(tokens: readonly Token[], index: number): Import[] {
  const next = tokens[index];
  if (next?.kind === 'string') return [{ from: next.text, typeOnly: false }];
  if (next?.text !== '(') return clauseAt(tokens, index);
  const given = tokens[index + 1];
  const end = tokens[index + 2];
  const plain = given?.kind === 'string' && (end?.text === ')' || end?.text === ',');
  return [{ from: plain ? given.text : undefined, typeOnly: false }];
}

/** `type? (* as name | name | { … })* from 'here'`; nothing for any other statement. */
function clauseAt(tokens: readonly Token[], start: number): Import[] {
  let index = start;
  const isType = tokens[index]?.text === 'type' && !['from', ','].includes(tokens[index + 1]?.text ?? '');
  if (isType) index += 1;
  const names: Token[] = [];
  while (index < tokens.length) {
    const token = tokens[index];
    const next = tokens[index + 1];
    if (!token) return [];
    if (token.text === 'from' && next?.kind === 'string') {
      return [{ from: next.text, typeOnly: isType || allTypes(names) }];
    }
    // Only these can stand in a clause: anything else is another kind of statement.
    if (token.kind === 'sign' && !['{', '}', ',', '*'].includes(token.text)) return [];
    if (token.text === '}' && next?.text !== 'from') return [];
    names.push(token);
    index += 1;
  }
  return [];
}

/** `{ type A, type B }`. */
function allTypes(names: readonly Token[]): boolean {
  if (names[0]?.text !== '{' || names.length < 3) return false;
  const inner = names.slice(1, -1).map(({ text }) => text);
  const specifiers = inner
    .join(' ')
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '');
  return specifiers.every((text) => /^type (?!as\b)\S/.test(text));
}
