import { lines } from '../bytes/lines.ts';
import { LineShapes, shapeProblem } from '../diagnosis/line-shapes.ts';
import type { ListEntry, ListSource } from '../list-source.ts';
import { MAX_USER_ID_BYTES } from '../user-id.ts';
import { UserListError } from '../user-list-error.ts';

/**
 * The entries of a list with one user ID a line, in batches.
 * @throws {UserListError} at its end, when all lines together look like another format
 */
export async function* idLines({ bytes, name, isStream }: ListSource): AsyncGenerator<ListEntry[]> {
  const shapes = new LineShapes();
  let line = 0;
  for await (const batch of lines(bytes, MAX_USER_ID_BYTES)) {
    yield batch.map((id) => {
      line += 1;
      if (isBlank(id)) return { line, id: null, problem: null };
      shapes.add(id);
      const problem = shapeProblem(id);
      return { line, id: problem === null ? id : null, problem };
    });
  }
  const problem = shapes.problem(isStream);
  if (problem !== null) throw new UserListError([`${name}: ${problem}`]);
}

const isBlank = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09);
