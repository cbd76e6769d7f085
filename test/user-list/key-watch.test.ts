import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkUserId } from '../../src/library/user-ids.ts';
import { KeyWatch } from '../../src/user-list/key-watch.ts';
import { UserListError } from '../../src/user-list/user-list-error.ts';

const KEY = '5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e';
const watch = new KeyWatch([{ what: 'the secret key of the app', text: KEY }]);
const refusal =
  'users: the user list holds the secret key of the app or a part of it, which is not shown; name the list of users in its place';

/** The part that is passed on of a list in pieces of so many bytes, and the error. */
async function passed(content: string, size: number): Promise<{ text: string; problems: readonly string[] }> {
  const all = Buffer.from(content);
  const bytes = (async function* () {
    for (let from = 0; from < all.length; from += size) yield all.subarray(from, from + size);
  })();
  const source = {
    name: 'users',
    format: 'lines',
    isStream: false,
    column: null,
    mayBeEmpty: false,
    place: String,
  } as const;
  let text = '';
  try {
    for await (const piece of watch.over({ ...source, bytes }).bytes) text += piece.toString('latin1');
  } catch (error) {
    if (!(error instanceof UserListError)) throw error;
    return { text, problems: error.problems };
  }
  return { text, problems: [] };
}

test('no byte of a key comes out of a list that holds it, however the list is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.stringMatching(/^[a-z\n,"]{0,90}$/),
      fc.constantFrom(KEY, KEY.toUpperCase(), `{"secret_key":"${KEY}"}`, `"${KEY}",x`),
      fc.stringMatching(/^[a-z\n,"]{0,90}$/),
      fc.integer({ min: 1, max: 100 }),
      async (before, key, after, size) => {
        const { text, problems } = await passed(before + key + after, size);
        expect(problems).toEqual([refusal]);
        expect(before + key).toContain(text);
        expect(text.length).toBeLessThanOrEqual(before.length + key.toLowerCase().indexOf(KEY));
      },
    ),
  );
});

test('any other list is unchanged', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.stringMatching(/^[a-z\n]{0,300}$/),
      fc.integer({ min: 1, max: 100 }),
      async (content, size) => {
        expect(await passed(content, size)).toEqual({ text: content, problems: [] });
      },
    ),
  );
});

describe('a part of a key', () => {
  test('is distinguished from user IDs', () => {
    const what = 'the secret key of the app';
    expect(watch.partOf(KEY.slice(0, 32))).toBe(what);
    expect(watch.partOf(KEY.slice(32).toUpperCase())).toBe(what);
    expect(watch.partOf(KEY.slice(20, 36))).toBe(what);
    expect(watch.partOf(KEY.slice(0, 15))).toBeNull();
    expect(watch.partOf('5bd2850fff3ecb11d7c805251c51ee47')).toBeNull();
  });

  test('is shown in no message', () => {
    const said = refusal.slice('users: '.length);
    expect(watch.shown(`x:1: not JSON: "${KEY.slice(0, 31)}"…`)).toBe(`x:1: ${said}`);
    expect(watch.shown(`/x/${KEY}: there is no such file`)).toBe(said);
    expect(watch.shown('x:1: not JSON: "5bd2850f"')).toBe('x:1: not JSON: "5bd2850f"');
  });

  test("is never a user of a program's own list", () => {
    for (const id of [KEY, KEY.slice(0, 32), `${KEY}, too`]) {
      let message = '';
      try {
        checkUserId(id, 1, watch);
      } catch (error) {
        message = String(error);
      }
      expect(message).toMatch(/user 1: /);
      expect(message).not.toContain(KEY.slice(0, 12));
    }
  });
});

test('a secret that is short is not looked for: an ID may hold it by chance', () => {
  const short = new KeyWatch([{ what: 'the secret key of the app', text: 'alice' }]);
  expect(short.partOf('alice')).toBeNull();
  expect(short.shown('alice')).toBe('alice');
});
