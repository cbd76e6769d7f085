import { join, resolve } from 'node:path';
import { defaultOptions } from '../../src/simulator/options.ts';
import type { Contender } from './run.ts';

/** Where this bench lives, and what `install.sh` put there. */
export const HOME = resolve(import.meta.dirname);
const program = resolve(HOME, '../../dist/cli/main.js');
const inVenv = (rival: string, file: string): string => join(HOME, '.venvs', rival, 'bin', file);

const python = (name: string, variant: Contender['variant'], ...command: readonly string[]): Contender => ({
  name,
  variant,
  folder: name,
  installed: inVenv(name, 'python'),
  command,
});

const benthos = join(HOME, '.venvs/benthos/benthos');
const benthosWith = (variant: Contender['variant']): Contender => ({
  name: 'benthos',
  variant,
  folder: 'benthos',
  installed: benthos,
  command: [join(HOME, 'benthos/export.sh'), benthos, variant],
});

/** The project's own program first, then each rival, stock before tuned. */
export const contenders: readonly Contender[] = [
  {
    name: 'chat-export',
    variant: 'stock',
    folder: 'chat-export',
    installed: program,
    command: [process.execPath, program, 'run'],
    env: ({ endpoint, users, database, rate }) => ({
      CHAT_EXPORT_ENDPOINT: endpoint,
      CHAT_EXPORT_USERS: users,
      CHAT_EXPORT_TO: database,
      CHAT_EXPORT_SDK_APP_ID: String(defaultOptions.sdkAppId),
      CHAT_EXPORT_SECRET_KEY: defaultOptions.secretKey,
      // It has no way to run without a quota: the highest that it takes, which it does not reach.
      CHAT_EXPORT_RATE: String(rate ?? 10_000),
    }),
  },
  python('dlt', 'stock', inVenv('dlt', 'python'), join(HOME, 'dlt/stock.py')),
  python('dlt', 'tuned', inVenv('dlt', 'python'), join(HOME, 'dlt/tuned.py')),
  python('meltano', 'stock', join(HOME, 'meltano/export.sh'), inVenv('meltano', 'python'), 'stock'),
  python('meltano', 'tuned', join(HOME, 'meltano/export.sh'), inVenv('meltano', 'python'), 'tuned'),
  python('airbyte', 'stock', inVenv('airbyte', 'python'), join(HOME, 'airbyte/stock.py')),
  python('airbyte', 'tuned', join(HOME, 'airbyte/tuned.sh'), inVenv('airbyte', 'python')),
  benthosWith('stock'),
  benthosWith('tuned'),
];
