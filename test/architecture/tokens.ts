export interface Token {
  readonly kind: 'word' | 'string' | 'sign';
  /** A string's is what stands between its quotes. */
  readonly text: string;
}

const blank = /\s+|\/\/.*|\/\*[\s\S]*?\*\//y;
const string = /'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"/y;
const word = /[\p{ID_Start}$_#][\p{ID_Continue}$]*|\d[\w.]*/uy;
const regex = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const templatePiece = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(`|\$\{)/y;
/** After these a slash begins a regular expression; after anything else it divides. */
const beforeRegex = /^(?:[([{},;:=!&|?+*%<>~^-]|return|typeof|case|of|in|await|yield)$/;

/** The words, strings and signs of a TypeScript source; comments, regular expressions and templates' texts are left out. */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  /** For each template that is open: how many braces are open within its `${`. */
  const templates: number[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match) at = pattern.lastIndex;
    return match;
  };
  const takeTemplate = () => {
    if (take(templatePiece)?.[1] === '${') templates.push(0);
  };
  const mayBeRegex = () => {
    const last = tokens.at(-1);
    return last === undefined || (last.kind !== 'string' && beforeRegex.test(last.text));
  };
  while (at < source.length) {
    if (take(blank)) continue;
    const quoted = take(string);
    if (quoted) {
      tokens.push({ kind: 'string', text: quoted[1] ?? quoted[2] ?? '' });
      continue;
    }
    const name = take(word);
    if (name) {
      tokens.push({ kind: 'word', text: name[0] });
      continue;
    }
    if (mayBeRegex() && take(regex)) {
      tokens.push({ kind: 'string', text: '' });
      continue;
    }
    const sign = source[at] ?? '';
    at += 1;
    const open = templates.at(-1);
    if (sign === '}' && open === 0) {
      templates.pop();
      takeTemplate();
      continue;
    }
    if (open !== undefined && (sign === '{' || sign === '}'))
      templates[templates.length - 1] = open + (sign === '{' ? 1 : -1);
    tokens.push({ kind: 'sign', text: sign });
    if (sign === '`') takeTemplate();
  }
  return tokens;
}
