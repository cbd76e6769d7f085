// PostgreSQL's manual, "Lexical Structure": what begins here ends there, whatever stands between.
const TOKEN =
  /--[^\n]*|[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'[^']*'|"[^"]*"|\$(\w*)\$[\s\S]*?\$\1\$|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\/\*|[\s\S]/g;

/**
 * A query without the semicolons and comments behind it, so that it can stand in another statement. Only its end is
 * changed; whether the rest is a query is for the server to say. Empty when there is nothing else.
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
