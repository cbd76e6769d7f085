import { chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canRunAsSomeone } from '../../support/another-account.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { runProgram } from '../../support/program.ts';
import { startGuardedServer } from './tls-ground.ts';

// As containers like to give them: no line in /etc/passwd has this number.
const nameless = { uid: 54_321, gid: 54_321 };

describe.runIf(canRunAsSomeone)(
  'a user without a name and without a home (needs root, in a clone that other accounts reach)',
  () => {
    test.each([['migrate', 'up'], ['runs'], ['sql', 'select 1'], ['migrate', 'status'], ['migrate', 'sql']])(
      'can use a database: %s %s',
      async (...command) => {
        const dir = await temporaryDirectory();
        const server = await startGuardedServer(join(dir, 'db'), null);
        const to = `postgres://anyone@127.0.0.1:${server.port}/postgres`;
        const { code, stderr } = await runProgram([...command, '--to', to, '--schema', 's'], {
          account: nameless,
          via: ['env', '--unset=HOME'],
          cwd: '/',
        });
        await server.stop();
        // The role may make no schema in this database, which the server says.
        expect(stderr).toMatch(command.includes('up') ? /permission denied|^$/ : /^$|holds no run/);
        expect(code).toBe(command.includes('up') ? 5 : 0);
      },
      60_000,
    );

    test('is asked for a name where the URL has none', async () => {
      const { code, stderr } = await runProgram(['runs', '--to', 'postgres://127.0.0.1:1/chats'], {
        account: nameless,
        via: ['env', '--unset=HOME'],
        cwd: '/',
      });
      expect(stderr).toBe(
        'chat-export: postgres://127.0.0.1:1/chats: the URL names no user; write postgres://USER@…, or set PGUSER\n',
      );
      expect(code).toBe(2);
    });

    test('can check a job that writes files', async () => {
      const dir = await temporaryDirectory();
      await mkdir(join(dir, 'out'));
      for (const path of [dir, join(dir, 'out')]) await chown(path, nameless.uid, nameless.gid);
      await writeFile(join(dir, 'users.txt'), 'amy\n', { mode: 0o644 });
      const { stderr } = await runProgram(['runs', '--to', `csv:${join(dir, 'out')}`], {
        account: nameless,
        via: ['env', '--unset=HOME'],
        cwd: '/',
      });
      expect(stderr).not.toMatch(/bug in chat-export/);
    });
  },
);
