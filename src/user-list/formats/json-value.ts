// The tokens of JSON: texts, numbers and words, and the punctuation between them.
const TOKEN = /"(?:[^"\\]|\\.)*"|[-+.\w]+|[{}[\],:]/gs;

/**
 * The raw values of a field in an object, for each occurrence. Parsed values are not enough: a number may have been rounded, and
 * of two values only the last is left.
 * @param json one whole object
 */
export function writtenValues(json: string, field: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let key: string | null = null;
  let isKey = false;
  let isNext = false;
  for (const [token] of json.matchAll(TOKEN)) {
    if (isNext) found.push(token);
    isNext = false;
    if (token === '{' || token === '[') {
      depth += 1;
      isKey = depth === 1;
    } else if (token === '}' || token === ']') depth -= 1;
    else if (depth !== 1) continue;
    else if (token === ',') isKey = true;
    else if (token === ':') {
      isNext = key === field;
      isKey = false;
    } else if (isKey) key = JSON.parse(token) as string;
  }
  return found;
}

/** Whether a number is written as an integer that no program rounds. */
export const isWrittenWhole = (number: string): boolean =>
  /^(0|-?[1-9]\d*)$/.test(number) && Number.isSafeInteger(Number(number));
