/** `notInApp` as `not_in_app`. */
export const snakeKey = (key: string): string =>
  key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const toCamel = (key: string): string =>
  key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const mapKeys = (object: object, rename: (key: string) => string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [rename(key), value]));

/** An object's own keys in snake_case, as stored JSON and the command line's JSON have them; values stay as they are. */
export const snakeKeys = (object: object): Record<string, unknown> => mapKeys(object, snakeKey);

/** The reverse of {@link snakeKeys}. Nested keys stay as they are, since some are data: names of tables, error codes. */
export const camelKeys = (object: object): Record<string, unknown> => mapKeys(object, toCamel);

/** A JSON value with the keys of all its objects in snake_case. Only for values whose keys hold no data with capital letters. */
export const snakeCased = (value: unknown): unknown => mapAllKeys(value, snakeKey);

/** The reverse of {@link snakeCased}. Only for values whose keys hold no data. */
export const camelCased = (value: unknown): unknown => mapAllKeys(value, toCamel);

function mapAllKeys(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((inner) => mapAllKeys(inner, rename));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [rename(key), mapAllKeys(inner, rename)]),
  );
}
