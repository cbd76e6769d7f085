import { join, resolve } from 'node:path';
import { defaultOptions } from '../../src/simulator/options/options.ts';
import type { Contender } from './run.ts';

/** The directory of this bench, with the installations of `install.sh`. */
export const HOME = resolve(import.meta.dirname);
const program = resolve(HOME, '../../dist/cli/main.js');
const inVenv = (rival: string, file: string): string => join(HOME, '.venvs', rival, 'bin', file);

const python = (name: string, variant: Contender['variant'], ...command: readonly string[]): Contender => ({
  name,
  variant,
  folder: `${name}/${variant}`,
  installed: inVenv(name, 'python'),
  // Telemetry is switched off, since it would be waited for.
  env: ({ directory }) => ({
    RUNTIME__DLTHUB_TELEMETRY: 'false',
    DO_NOT_TRACK: '1',
    AIRBYTE_OFFLINE_MODE: '1',
    AIRBYTE_LOGGING_ROOT: directory,
  }),
  command,
});

const benthos = join(HOME, '.venvs/benthos/benthos');
const benthosWith = (variant: Contender['variant']): Contender => ({
  name: 'benthos',
  variant,
  folder: `benthos/${variant}`,
  installed: benthos,
  command: [join(HOME, 'benthos/export.sh'), benthos, `benthos/${variant}`],
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
  python('dlt', 'stock', inVenv('dlt', 'python'), join(HOME, 'dlt/stock/export.py')),
  python('dlt', 'tuned', inVenv('dlt', 'python'), join(HOME, 'dlt/tuned/export.py')),
  python('meltano', 'stock', join(HOME, 'meltano/stock/export.sh'), inVenv('meltano', 'python')),
  python('meltano', 'tuned', join(HOME, 'meltano/tuned/export.sh'), inVenv('meltano', 'python')),
  python('airbyte', 'stock', inVenv('airbyte', 'python'), join(HOME, 'airbyte/stock/export.py')),
  python('airbyte', 'tuned', join(HOME, 'airbyte/tuned/export.sh'), inVenv('airbyte', 'python')),
  benthosWith('stock'),
  benthosWith('tuned'),
];
