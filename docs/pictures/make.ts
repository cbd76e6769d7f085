import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { spawn as spawnInTerminal } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { chromium } from 'playwright-core';
import { defaultOptions } from '../../src/simulator/options/options.ts';
import { terminalSvg } from './terminal-svg.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const CHROMIUM = '/usr/bin/chromium';
const USERS = 3_000;
// The usual quota, and the half of it that `init --quota shared` gives to a job.
const QUOTA = 200;
const RATE = 100;
const COLUMNS = 124;
const ROWS = 24;
// The share of users at which the picture of the bar is taken.
const AT_PERCENT = 62;
const PAGE = { width: 1280, height: 1180 };
const DEADLINE_MS = 180_000;

const directory = await mkdtemp(join(tmpdir(), 'nightly-'));
// As root, the embedded server runs under another account, which must be able to pass through.
await chmod(directory, 0o711);

const simulator = spawn(
  process.execPath,
  [
    ...[
      PROGRAM,
      'simulate',
      '--users',
      String(USERS),
      '--rate',
      '5000',
      '--expected',
      join(directory, 'expected'),
    ],
    ...['--page-size', '100', '--latency', '[20, 100]', '--changed', '0.2', '--not-imported', '0.01'],
    ...['--failing-from-day2', '0.0005', '--faults', '{50004: 0.005, 60008: 0.003, reset: 0.002}'],
  ],
  { stdio: ['ignore', 'ignore', 'pipe'] },
);
try {
  const endpoint = await endpointOf(simulator.stderr);
  const job = ['users: expected/users.txt', 'to: embedded:db', `endpoint: ${endpoint}`];
  await writeFile(
    join(directory, 'nightly.yaml'),
    `${[...job, 'name: nightly', `sdk-app-id: ${defaultOptions.sdkAppId}`, ''].join('\n')}`,
  );
  process.stdout.write('a first run, to have rows that the second one can change\n');
  const first = await runInTerminal(['run', 'nightly.yaml', '--rate', '2000']);
  if (first.exitCode !== 0) throw new Error(`the first run ended with ${first.exitCode}:\n${first.text}`);

  const patch = JSON.stringify({ day: 2, rate: QUOTA });
  const changed = await fetch(`${endpoint}/_simulator/options`, { method: 'POST', body: patch });
  if (!changed.ok) throw new Error(await changed.text());
  process.stdout.write('a second run, for the pictures\n');
  const second = await runInTerminal(
    [
      'run',
      'nightly.yaml',
      '--rate',
      String(RATE),
      '--rate-margin',
      '50',
      '--max-attempts',
      '4',
      '--report',
      'report.html',
    ],
    { isWanted: (text) => Number(/\((\d+)(\.\d)?\s%\)/.exec(text)?.[1]) >= AT_PERCENT },
  );
  if (second.picture === null) throw new Error(`no bar was seen:\n${second.text}`);
  await put('terminal.svg', second.picture);
  await photograph(join(directory, 'report.html'), 'report.png');
} finally {
  simulator.kill('SIGKILL');
  await rm(directory, { recursive: true, force: true });
}

async function endpointOf(stream: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stream })) {
    const url = /listening on (\S+),/.exec(line)?.[1];
    // Later output is of no use, and must not block the simulator.
    if (url !== undefined) {
      stream.resume();
      return url;
    }
  }
  throw new Error('the simulator ended before it was listening');
}

/** Runs the built command in a terminal, and draws the screen as soon as it is as wanted. */
async function runInTerminal(
  args: readonly string[],
  { isWanted = () => false }: { readonly isWanted?: (text: string) => boolean } = {},
): Promise<{ readonly exitCode: number; readonly text: string; readonly picture: string | null }> {
  const screen = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
  screen.write('$ chat-export run nightly.yaml\r\n');
  const { PATH = '', HOME = '' } = process.env;
  const program = spawnInTerminal(process.execPath, [PROGRAM, ...args], {
    ...{ name: 'xterm-256color', cols: COLUMNS, rows: ROWS, cwd: directory },
    env: { PATH, HOME, CHAT_EXPORT_SECRET_KEY: defaultOptions.secretKey },
  });
  const timer = setTimeout(() => program.kill('SIGKILL'), DEADLINE_MS);
  const lines = (): string => {
    const { active } = screen.buffer;
    return Array.from({ length: active.length }, (_, y) => active.getLine(y)?.translateToString(true)).join(
      '\n',
    );
  };
  let picture: string | null = null;
  program.onData((data) =>
    screen.write(data, () => {
      if (picture === null && isWanted(lines()))
        picture = terminalSvg(screen, 'chat-export run in a terminal');
    }),
  );
  const exitCode = await new Promise<number>((resolve) => {
    program.onExit((exit) => screen.write('', () => resolve(exit.exitCode)));
  });
  clearTimeout(timer);
  return { exitCode, text: lines(), picture };
}

async function photograph(file: string, name: string): Promise<void> {
  // Chromium's own sandbox does not work for root, and the page is ours.
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: PAGE, colorScheme: 'light' });
    await page.goto(pathToFileURL(file).href);
    await put(name, await page.screenshot());
  } finally {
    await browser.close();
  }
}

async function put(name: string, content: string | Uint8Array): Promise<void> {
  await writeFile(new URL(name, import.meta.url), content);
  process.stdout.write(`docs/pictures/${name}: ${Math.round(content.length / 1024)} kB\n`);
}
