import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';

type Listed = Pick<Bench, 'name' | 'summary' | 'onlyWhenNamed'>;

export type BenchCommand<Of extends Listed> =
  | {
      readonly kind: 'run';
      readonly chosen: readonly Of[];
      readonly quick: boolean;
      /** Puts the figures of the results into the page. */
      readonly write: boolean;
      readonly results: string;
      readonly profiles: string | null;
    }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'wrong'; readonly text: string };

const USAGE = 'npm run bench -- [NAME…] [--quick] [--results DIR] [--profiles DIR] [--write]';

const options = {
  quick: { type: 'boolean', default: false },
  results: { type: 'string', default: 'bench/results' },
  profiles: { type: 'string' },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Reads the arguments. Without a name, all benches are chosen but those that run only when named; with `--write` none is. */
export function readCommand<Of extends Listed>(
  args: readonly string[],
  benches: readonly Of[],
): BenchCommand<Of> {
  const list = benches.map(({ name, summary }) => `  ${name.padEnd(14)} ${summary}\n`).join('');
  const wrong = (why: string): BenchCommand<Of> => ({
    kind: 'wrong',
    text: `${why}; there are these benches:\n${list}`,
  });
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    if (!isOfArguments(error)) throw error;
    // It goes on about arguments that begin with a dash.
    return wrong(error.message.split('. To ')[0] ?? error.message);
  }
  const { values, positionals } = parsed;
  const { quick, write, results, profiles = null } = values;
  if (values.help) return { kind: 'help', text: `${USAGE}\n\n${list}` };
  const unknown = positionals.filter((name) => !benches.some((bench) => bench.name === name));
  if (unknown.length > 0) return wrong(`no bench is called ${unknown.join(', ')}`);
  if (write && quick) {
    const text = '--write: rough figures do not belong into the page; leave --quick out\n';
    return { kind: 'wrong', text };
  }
  const chosen = benches.filter(({ name, onlyWhenNamed }) =>
    positionals.length === 0 ? onlyWhenNamed !== true && !write : positionals.includes(name),
  );
  return { kind: 'run', chosen, quick, write, results, profiles };
}

const parse = (args: readonly string[]) => parseArgs({ args: [...args], allowPositionals: true, options });

const isOfArguments = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
