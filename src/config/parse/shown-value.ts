const longest = 80;

// A secret in the wrong option is recognized by its pattern.
const secretLooks = [/[0-9a-f]{64}/i, /e[AFJN][A-Za-z0-9*_-]{60,}/, /\/\/.*@/s, /password\s*=/i];

// JSON does not escape these, but terminals obey them: C1 controls, line separators, direction marks.
const unsafe = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069\u200e\u200f\ufeff]/g;

/**
 * A value for a message: cut to 80 characters, quoted and escaped unless it is plain, and `[hidden]` if it looks like a secret.
 */
export function shownValue(text: string): string {
  if (secretLooks.some((looks) => looks.test(text))) return '[hidden]';
  const short = text.length > longest ? `${text.slice(0, longest)}…` : text;
  if (/^[\w./:$@{},+~=-][\w./:$@{},+~= -]*…?$/.test(short) && !short.endsWith(' ')) return short;
  return JSON.stringify(short).replace(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
