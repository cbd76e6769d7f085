import { MAX_ID_BYTES } from '../content/user-id.ts';

/** The only API there is. */
export const API_PATH = '/v4/recentcontact/get_contact_group';

/** The content of a valid body. */
export interface PageRequest {
  user: string;
  startIndex: number;
}

/** The query's parameters, or null when the URL is malformed or repeats one of them. Names are case-sensitive. */
export const readQuery = (query: string): Map<string, string> | null => {
  const parameters = new Map<string, string>();
  if (query === '') return parameters;
  try {
    for (const part of query.split('&')) {
      const equals = part.indexOf('=');
      const name = equals < 0 ? part : part.slice(0, equals);
      const value = equals < 0 ? '' : part.slice(equals + 1);
      if (parameters.has(name)) return null;
      parameters.set(name, value.includes('%') ? decodeURIComponent(value) : value);
    }
  } catch {
    return null;
  }
  return parameters;
};

/** `random` is an unsigned 32-bit number (vendor's page). */
export const isRandom = (text: string | undefined): boolean =>
  text !== undefined && /^\d{1,10}$/.test(text) && Number(text) <= 0xffff_ffff;

/** Reads a body; a number is the code of its refusal. */
export const readPageRequest = (body: string): PageRequest | 60003 | 60015 | 50002 => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return 60003;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return 60003;
  const { From_Account: user, StartIndex: startIndex } = parsed as Record<string, unknown>;
  if (typeof user !== 'string') return 60015;
  if (user === '' || Buffer.byteLength(user) > MAX_ID_BYTES) return 50002;
  if (typeof startIndex !== 'number' || !Number.isInteger(startIndex)) return 50002;
  if (startIndex < 0 || startIndex > 0xffff_ffff) return 50002;
  return { user, startIndex };
};
