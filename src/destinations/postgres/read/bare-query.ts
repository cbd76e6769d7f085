// PostgreSQL's manual, "Lexical Structure": each opening token, with the token that ends it.
const TOKEN =
  /--[^\n]*|[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'[^']*'|"[^"]*"|\$(\w*)\$[\s\S]*?\$\1\$|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\/\*|[\s\S]/g;

/**
 * A query without trailing semicolons and comments, so that it can be part of another statement. Only the end changes: the server
 * checks the rest. Empty when nothing else is there.
 */
export function bareQuery(sql: string): string {
  let end = 0;
  TOKEN.lastIndex = 0;
  for (let token = TOKEN.exec(sql); token !== null; token = TOKEN.exec(sql)) {
    const [text] = token;
    if (text === '/*') TOKEN.lastIndex = endOfComment(sql, token.index);
    else if (!/^(--|;$|\s$)/.test(text)) end = TOKEN.lastIndex;
  }
  return sql.slice(0, end);
}

/** These comments nest. */
function endOfComment(sql: string, start: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  for (let found = mark.exec(sql); found !== null; found = mark.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return sql.length;
}
