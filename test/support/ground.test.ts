import { access, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { createDatabase } from './database.ts';
import { temporaryDirectory } from './directory.ts';
import { startProgram } from './program.ts';
import { describeServers } from './servers.ts';

async function script(text: string): Promise<string> {
  const path = join(await temporaryDirectory(), 'program.mjs');
  await writeFile(path, text);
  return path;
}

describe('a test database', () => {
  test('is fresh, UTF8, and gone after its drop', async () => {
    const database = await createDatabase();
    const client = new pg.Client({ connectionString: database.url });
    client.on('error', () => {});
    await client.connect();
    const { rows } = await client.query("select current_setting('server_encoding') as encoding");
    expect(rows).toEqual([{ encoding: 'UTF8' }]);
    await client.end();
    await database.drop();
    const again = new pg.Client({ connectionString: database.url });
    await expect(again.connect()).rejects.toThrow('does not exist');
  });
});

describeServers('a test database', (server) => {
  test('is on the server that was asked for', async () => {
    const database = await createDatabase({ server });
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query("select current_setting('server_version_num')::int / 10000 as major");
    expect(rows).toEqual([{ major: Number(server) }]);
    await client.end();
    await database.drop();
  });
});

describe('a program under test', () => {
  test('gets PATH, HOME and what the test gives, and nothing else', async () => {
    const program = startProgram([], {
      script: await script('console.log(Object.keys(process.env).sort().join())'),
      env: { GIVEN: '1' },
    });
    expect((await program.exit).stdout).toBe('GIVEN,HOME,PATH\n');
  });

  test('is waited for by line, signalled, and seen to end', async () => {
    const program = startProgram([], {
      script: await script('setInterval(() => {}, 1000); process.stderr.write("listening on 42\\n")'),
    });
    expect((await program.waitForLine(/listening on (\d+)/))[1]).toBe('42');
    program.kill('SIGKILL');
    expect(await program.exit).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  test('that ends without the awaited line says so with its output', async () => {
    const program = startProgram([], { script: await script('console.log("bye"); process.exitCode = 3') });
    await expect(program.waitForLine(/hello/)).rejects.toThrow(
      /\/hello\/ before the program ended \(3\)\nbye/,
    );
  });

  test('reads the input it is given', async () => {
    const program = startProgram([], {
      script: await script('process.stdin.pipe(process.stdout)'),
      input: 'a\nb',
    });
    expect((await program.exit).stdout).toBe('a\nb');
  });

  let left = 0;
  test('that is left running', async () => {
    left = startProgram([], { script: await script('setInterval(() => {}, 1000)') }).pid;
    expect(process.kill(left, 0)).toBe(true);
  });
  test('is killed at the end of its test', () => {
    expect(() => process.kill(left, 0)).toThrow('ESRCH');
  });
});

describe('a temporary directory', () => {
  let directory = '';
  test('may be entered by anyone', async () => {
    directory = await temporaryDirectory();
    expect((await stat(directory)).mode & 0o777).toBe(0o755);
  });
  test('is gone after its test', async () => {
    await expect(access(directory)).rejects.toThrow('ENOENT');
  });
});
