import { type SpawnOptions, spawn } from 'node:child_process';

/** The operating system account that a child process runs as: numeric user and group ID. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** How a command ended: `code` is -1 when a signal ended it. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command's output for a message: its lines, joined. */
export const inOneLine = (output: string): string => output.trim().replace(/\s*\n\s*/g, '; ');

/**
 * Runs a command to its end, without a terminal, in `/` by default. The environment has only a few variables of ours: LANG,
 * LC_ALL, PGDATA or LD_LIBRARY_PATH of the caller must not change a cluster. Rejects only when the command cannot be started.
 */
export function runBinary(
  path: string,
  args: readonly string[],
  options: { account?: Account | undefined; cwd?: string; env?: Record<string, string> } = {},
): Promise<CommandResult> {
  const { account, cwd = '/', env } = options;
  const spawnOptions: SpawnOptions = {
    cwd,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Own process group: Ctrl-C at a terminal must not end initdb or pg_ctl half-way.
    detached: true,
    ...(account && { uid: account.uid, gid: account.gid }),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, spawnOptions);
    const output = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output.stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, ...output }));
  });
}
