import { posix } from 'node:path';
import { cyclesOf } from './cycles.ts';
import {
  destinationFolders,
  kindList,
  kindsOfDestinations,
  lightFiles,
  MAX_FILES_IN_A_FOLDER,
  mayExit,
  openDestinations,
  packageRules,
  rooms,
  vagueNames,
} from './rules.ts';
import { type Import, readSource, type Source } from './source.ts';

/**
 * The violations of the rules in these sources, one sentence each.
 * @param sources path (`src/run/plan.ts`) to text
 */
export function violationsIn(sources: Readonly<Record<string, string>>): string[] {
  const found: string[] = [];
  const graph = new Map<string, string[]>();
  const read = Object.entries(sources).map(([path, text]) => [path, readSource(path, text)] as const);
  for (const [path, source] of read) {
    found.push(...vagueIn(path), ...exitsIn(path, source), ...roomlessIn(path), ...kindsIn(path, source));
    for (const each of source.imports) found.push(...forbidden(path, each));
    graph.set(
      path,
      source.imports.flatMap(({ from }) => (from?.startsWith('.') ? [resolve(path, from)] : [])),
    );
  }
  return [
    ...found,
    ...cyclesOf(graph).map((cycle) => `cycle: ${cycle}`),
    ...cyclesOf(roomsOf(graph)).map((cycle) => `cycle of rooms: ${cycle}`),
    ...heavyIn(new Map(read)),
    ...crowdedIn(Object.keys(sources)),
    ...sharedNamesIn(read),
  ];
}

/** Which rooms import which, whatever the rules allow. */
function roomsOf(graph: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [path, targets] of graph) {
    const own = roomOf(path);
    const others = targets.map(roomOf).filter((room) => room !== own && Object.hasOwn(rooms, room));
    found.set(own, [...new Set([...(found.get(own) ?? []), ...others])]);
  }
  return found;
}

/** Packages that a light file loads, with all that it imports at once. */
function heavyIn(sources: ReadonlyMap<string, Source>): string[] {
  return lightFiles.flatMap((light) => {
    const loaded = new Set([light]);
    const heavy: string[] = [];
    for (const path of loaded) {
      for (const { from, typeOnly, isLate } of sources.get(path)?.imports ?? []) {
        if (from === undefined || typeOnly || isLate) continue;
        if (from.startsWith('.')) loaded.add(resolve(path, from));
        else if (!from.startsWith('node:')) heavy.push(`${light}: loads ${from}, by ${path}`);
      }
    }
    return heavy;
  });
}

/** Code outside that asks of what kind a destination is, in place of the kind. */
function kindsIn(path: string, { kinds }: Source): string[] {
  if (isBelow(path, ['src/destinations'])) return [];
  return kinds
    .filter((kind) => kindsOfDestinations.has(kind))
    .map((kind) => `${path}: asks whether a destination is of the kind ${kind}; ask destinationKind(…)`);
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
  if (isBelow(target, ['src/destinations']) && !mayReach(path, target))
    return [`${path}: may not import ${target}, which only its own kind of destination may`];
  if (own === other) return [];
  const rule = rooms[own];
  if (!rule || rule.uses.includes(other)) return [];
  if (!rule.types.includes(other)) return [`${path}: ${own} may not import ${target}`];
  return typeOnly ? [] : [`${path}: ${own} may import only types of ${target}`];
}

/** Whether a file may import one of `src/destinations/`, as far as the folders in there decide it. */
function mayReach(path: string, target: string): boolean {
  const to = destinationFolderOf(target);
  if (to === undefined) return true;
  if (!isBelow(path, ['src/destinations'])) return openDestinations.includes(to);
  const own = destinationFolderOf(path) ?? '';
  if (own === to) return true;
  if (own === kindList.folder && posix.basename(target) === kindList.file) return true;
  return (destinationFolders[own] ?? ['contract']).includes(to);
}

const destinationFolderOf = (path: string): string | undefined =>
  /^src\/destinations\/([^/]+)\//.exec(path)?.[1];

function roomOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function resolve(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier);
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`));
}
