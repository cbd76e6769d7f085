/** The name that was probably meant, or undefined. `sdkAppId` and `sdk_app_id` mean `sdk-app-id`. */
export function suggestion(typed: string, names: readonly string[]): string | undefined {
  if (typed.length > 60) return undefined;
  const bare = letters(typed);
  const near = names
    .map((name) => ({ name, distance: distance(bare, letters(name)) }))
    .filter((found) => found.distance <= Math.max(1, Math.floor(found.name.length / 4)))
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.name;
}

/** `; did you mean rate?`, or nothing: the end of a message. */
export function didYouMean(typed: string, names: readonly string[]): string {
  const name = suggestion(typed, names);
  return name === undefined ? '' : `; did you mean ${name}?`;
}

function letters(name: string): string {
  return name.replace(/[-_ ]/g, '').toLowerCase();
}

/** The fewest letters to insert, drop, replace or swap with their neighbour. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swaps = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = swaps ? (before[j - 2] ?? 0) + 1 : replaced;
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
