import {
  Composer,
  type CST,
  type ErrorCode,
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  type ParsedNode,
  Parser,
} from 'yaml';
import { shownValue } from '../parse/shown-value.ts';

/** One `key: value` of a flat YAML file. `text` is the value as written, or undefined if it is not a single value. */
export interface YamlEntry {
  readonly key: string;
  readonly text: string | undefined;
  readonly line: number;
}

/** A place in the file that is not YAML, or not a flat map. `line` counts from 1. */
export interface YamlProblem {
  readonly line: number;
  readonly sentence: string;
}

// The library composes recursively. If it runs out of stack, the process may abort without an error to catch.
const deepest = 16;

/**
 * Reads a YAML file of `key: value` lines. Numbers keep their written text (007, 1.50), so that an account of digits is
 * unchanged. An alias stands for its single value; nothing is expanded.
 */
export function readYamlMap(text: string): { entries: YamlEntry[]; problems: YamlProblem[] } {
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const tooDeep = tokens.find((token) => isDeeperThan(token, deepest));
  if (tooDeep) return failed(1, 'the values are nested; expected lines of key: value');

  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  // uniqueKeys compares each key with every other, which takes minutes in a large file; see withoutTwice.
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false });
  const documents = [...composer.compose(tokens, true, text.length)];
  const document = documents[0];
  const faults = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]);
  if (faults.length > 0) {
    // Later errors may only follow from the first.
    const [{ code, pos }] = faults as [(typeof faults)[number]];
    return failed(lineAt(pos[0]), wording(code));
  }
  const second = documents[1];
  if (second) return failed(lineAt(second.range[0]), 'expected one document, found a second after ---');
  if (!document?.contents || (isScalar(document.contents) && document.contents.value === null)) {
    return failed(1, 'the file is empty');
  }
  if (!isMap(document.contents))
    return failed(lineAt(document.contents.range[0]), 'expected lines of key: value');
  if (document.contents.items.length === 0) return failed(1, 'the file is empty');

  const anchored = new Map<string, ParsedNode>();
  const entries = document.contents.items.map(({ key, value }) => {
    if (isScalar(value) && value.anchor) anchored.set(value.anchor, value);
    const node = isAlias(value) ? anchored.get(value.source) : value;
    return {
      key: isScalar(key) ? writtenText(key) : '',
      text: isScalar(node) && node.value !== null ? writtenText(node) : undefined,
      line: lineAt(key.range[0]),
    };
  });
  return withoutTwice(entries);
}

function failed(line: number, sentence: string): { entries: YamlEntry[]; problems: YamlProblem[] } {
  return { entries: [], problems: [{ line, sentence }] };
}

function writtenText(node: { value: unknown; source?: string }): string {
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}

function withoutTwice(entries: readonly YamlEntry[]): { entries: YamlEntry[]; problems: YamlProblem[] } {
  const first = new Map<string, YamlEntry>();
  const problems: YamlProblem[] = [];
  for (const entry of entries) {
    const earlier = first.get(entry.key);
    if (earlier === undefined) first.set(entry.key, entry);
    else
      problems.push({
        line: entry.line,
        sentence: `${shownValue(entry.key)} stands in line ${earlier.line} already; keep one of them`,
      });
  }
  return { entries: [...first.values()], problems };
}

function isDeeperThan(root: CST.Token, limit: number): boolean {
  let level: readonly CST.Token[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap(children);
  }
  return false;
}

function children(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : [];
  if (!('items' in token)) return [];
  return token.items.flatMap((item) =>
    [item.key, item.value].filter((child) => child !== null && child !== undefined),
  );
}

// The library's own messages may repeat a part of the file, which may be a password.
const wordings: Partial<Record<ErrorCode, string>> = {
  BAD_ALIAS: 'the alias (*name) names no anchor',
  BAD_DQ_ESCAPE: 'a \\ in double quotes begins an unknown escape; use single quotes',
  BAD_INDENT: 'the indentation, or the end of a [ or {, is wrong',
  MISSING_CHAR: 'a quote, a bracket or a comma is missing',
  TAB_AS_INDENT: 'tabs cannot indent; use spaces',
  TAG_RESOLVE_FAILED: 'tags (!name) have no meaning here; quote the value',
  UNEXPECTED_TOKEN:
    'YAML does not allow what stands here; keys begin in one column, and a value with : or # is quoted',
  MULTILINE_IMPLICIT_KEY: 'the line has no key; write key: value',
  BLOCK_AS_IMPLICIT_KEY: 'the value holds ": "; quote it',
  BAD_SCALAR_START: 'the value begins with a character that YAML keeps for itself; quote it',
};

function wording(code: ErrorCode): string {
  return wordings[code] ?? `this is not YAML (${code})`;
}
