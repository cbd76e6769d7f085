import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { folders } from './folders.ts';

/** `npm run test:mutation [-- --mutate src/rows]`: changes the code of each folder, and counts the changes that its tests notice. */
const { values } = parseArgs({ options: { mutate: { type: 'string', default: 'src' } } });
const asked = values.mutate.replace(/\/$/, '');

const contains = (folder: string, path: string): boolean => path === folder || path.startsWith(`${folder}/`);
const globOf = (path: string): string => (path.endsWith('.ts') ? path : `${path}/**/*.ts`);

const lines: string[] = [];
for (const [name, { mutate }] of Object.entries(folders)) {
  const paths = mutate.some((path) => contains(path, asked))
    ? [asked]
    : mutate.filter((path) => contains(asked, path));
  if (paths.length === 0) continue;
  const report = `reports/mutation/${name.replace('/', '-')}.json`;
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/@stryker-mutator/core/bin/stryker.js', 'run', '--mutate', paths.map(globOf).join(',')],
    { stdio: 'inherit', env: { ...process.env, MUTATED_FOLDER: name, MUTATION_REPORT: report } },
  );
  if (status !== 0) process.exit(1);
  lines.push(`${name}: ${scoreIn(report)}`);
}
if (lines.length === 0) throw new Error(`test/mutation/folders.ts has nothing in ${asked}`);
process.stdout.write(`\n${lines.join('\n')}\n`);

function scoreIn(report: string): string {
  const { files } = JSON.parse(readFileSync(report, 'utf8')) as {
    files: Record<string, { mutants: { status: string }[] }>;
  };
  const count: Record<string, number> = {};
  for (const { status } of Object.values(files).flatMap(({ mutants }) => mutants))
    count[status] = (count[status] ?? 0) + 1;
  const { Killed = 0, Timeout = 0, Survived = 0, NoCoverage = 0 } = count;
  const noticed = Killed + Timeout;
  const all = noticed + Survived + NoCoverage;
  return `${((100 * noticed) / all).toFixed(1)} % of ${all} mutants noticed, ${NoCoverage} reached by no test`;
}
