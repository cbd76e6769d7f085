/** The directory of a destination such as `csv:DIR`. @throws {RangeError} with a sentence */
export function typedDirectory(scheme: string, dir: string): string {
  if (dir.trim() === '') throw new RangeError(`the directory is missing; write ${scheme}:DIR`);
  if (dir.startsWith('//')) throw new RangeError(`expected ${scheme}:DIR with a directory, not a URL`);
  if (/^~(\/|$)/.test(dir)) throw new RangeError(`~ has no meaning here; write ${scheme}:/the/whole/path`);
  return dir;
}
