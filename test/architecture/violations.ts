import { posix } from 'node:path';
import { cyclesOf } from './cycles.ts';
import { MAX_FILES_IN_A_FOLDER, mayExit, packageRules, rooms, vagueNames } from './rules.ts';
import { type Import, readSource, type Source } from './source.ts';

/**
 * What breaks the rules in these sources, one sentence each.
 * @param sources path (`src/run/plan.ts`) to text
 */
export function violationsIn(sources: Readonly<Record<string, string>>): string[] {
  const found: string[] = [];
  const graph = new Map<string, string[]>();
  const read = Object.entries(sources).map(([path, text]) => [path, readSource(path, text)] as const);
  for (const [path, source] of read) {
    found.push(...vagueIn(path), ...exitsIn(path, source), ...roomlessIn(path));
    for (const each of source.imports) found.push(...forbidden(path, each));
    graph.set(
      path,
      source.imports.flatMap(({ from }) => (from?.startsWith('.') ? [resolve(path, from)] : [])),
    );
  }
  return [
    ...found,
    ...cyclesOf(graph).map((cycle) => `cycle: ${cycle}`),
    ...crowdedIn(Object.keys(sources)),
    ...sharedNamesIn(read),
  ];
}

export function vagueIn(path: string): string[] {
  const vague = path.split('/').find((name) => vagueNames.has(name.replace(/\..*$/, '')));
  return vague === undefined ? [] : [`${path}: ${vague} is no name`];
}

function roomlessIn(path: string): string[] {
  return Object.hasOwn(rooms, roomOf(path)) ? [] : [`${path}: ${roomOf(path)} is no room`];
}

function exitsIn(path: string, { exits }: Source): string[] {
  return exits === undefined || path === mayExit ? [] : [`${path}: only ${mayExit} may use process.${exits}`];
}

/** A reader who meets a name, or searches for it, finds one meaning. */
function sharedNamesIn(read: readonly (readonly [path: string, Source])[]): string[] {
  const places = new Map<string, string[]>();
  for (const [path, { exports }] of read)
    for (const name of exports) places.set(name, [...(places.get(name) ?? []), path]);
  return [...places]
    .filter(([, paths]) => paths.length > 1)
    .map(([name, paths]) => `${name} is exported by ${paths.join(' and ')}`);
}

function crowdedIn(paths: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const folder = posix.dirname(path);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > MAX_FILES_IN_A_FOLDER)
    .map(([folder, count]) => `${folder}: ${count} files side by side, at most ${MAX_FILES_IN_A_FOLDER}`);
}

function forbidden(path: string, { from, typeOnly }: Import): string[] {
  if (from === undefined) return [`${path}: imports something computed`];
  if (from.startsWith('.')) return forbiddenRoom(path, resolve(path, from), typeOnly);
  const broken = packageRules.some(
    ({ packages, onlyIn, notIn }) =>
      packages.some((name) => from === name || from.startsWith(`${name}/`)) &&
      (onlyIn ? !isBelow(path, onlyIn) : isBelow(path, notIn ?? [])),
  );
  return broken ? [`${path}: may not import ${from}`] : [];
}

function forbiddenRoom(path: string, target: string, typeOnly: boolean): string[] {
  const [own, other] = [roomOf(path), roomOf(target)];
  if (!target.startsWith('src/')) return [`${path}: imports ${target}, outside of src`];
  if (own === other) return [];
  const rule = rooms[own];
  if (!rule || rule.uses.includes(other)) return [];
  if (!rule.types.includes(other)) return [`${path}: ${own} may not import ${target}`];
  return typeOnly ? [] : [`${path}: ${own} may import only types of ${target}`];
}

function roomOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function resolve(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier);
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`));
}
