import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JobError } from '../../src/config/model/job-error.ts';
import { optionNames } from '../../src/config/model/options.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { env, flags, key, start, userSig } from '../config/job-start.ts';

const password = 'correct-horse-battery';
const url = `postgres://u:${password}@db.example.com/chats?sslmode=require`;

function shapes(value: unknown): string {
  return [String(value), JSON.stringify(value), inspect(value, { depth: null, showHidden: true })].join('\n');
}

describe('a secret', () => {
  test('gives its text only to who asks for it', () => {
    const secret = new Secret(key);
    expect(secret.reveal()).toBe(key);
    expect(`${secret}`).toBe('[secret]');
    expect(shapes({ deep: [secret] })).not.toContain(key);
  });

  test('cannot be seen in a job', async () => {
    const { to: _, ...rest } = flags;
    const sources = { flags: rest, env: { ...env, CHAT_EXPORT_TO: url } };
    const { job } = await start(sources);
    expect(shapes(job)).not.toContain(key);
    expect(shapes(job)).not.toContain(password);
    const bySig = await start({ ...sources, env: { CHAT_EXPORT_USERSIG: userSig, CHAT_EXPORT_TO: url } });
    expect(shapes(bySig.job)).not.toContain(userSig);
  });
});

test('no message shows a secret, wherever it was put by mistake', async () => {
  const secrets = [key, userSig, url];
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.constantFrom(...optionNames), fc.constantFrom(...secrets)),
      fc.dictionary(
        fc
          .constantFrom('TO', 'RATE', 'ENDPOINT', 'SECRET_KEY', 'USERSIG', 'NAME', 'SECRET_KEY_FILE')
          .map((name) => `CHAT_EXPORT_${name}`),
        fc.constantFrom(...secrets),
      ),
      async (values, variables) => {
        try {
          await start({ flags: values, env: variables });
        } catch (error) {
          expect(error).toBeInstanceOf(JobError);
          const shown = `${shapes(error)}\n${String(error)}`;
          for (const secret of [key, userSig, password]) expect(shown).not.toContain(secret);
        }
      },
    ),
    { numRuns: 300 },
  );
});
