import type { Chunk } from '../contract/destination.ts';
import { DestinationError } from '../contract/destination-error.ts';
import { readLedger } from './storage/ledger.ts';
import { jsonLine, readLines } from './storage/lines.ts';

/** A file of a plan, and its expected content: the number of users, in chunks with consecutive numbers. */
export type Plan = {
  readonly path: string;
  readonly pass: Chunk['pass'];
  readonly users: number;
  readonly chunkSize: number;
  readonly firstNumber: number;
};

/** The number of the last chunk of a plan. */
export const lastNumber = ({ users, chunkSize, firstNumber }: Omit<Plan, 'path' | 'pass'>): number =>
  firstNumber - 1 + Math.ceil(users / chunkSize);

/**
 * The chunks of a plan, in order. The lines are counted first, so no call is made for a plan with missing lines.
 * @throws {DestinationError} when the file is not what was written
 */
export async function* readPlan(plan: Plan): AsyncGenerator<Chunk> {
  const { path, pass, users, chunkSize, firstNumber } = plan;
  const chunks = Math.ceil(users / chunkSize);
  let lines = 0;
  for await (const _ of readLines(path)) lines += 1;
  if (lines !== chunks) throw damaged(path, `has ${lines} of ${chunks} chunks`);
  let line = 0;
  for await (const { text } of readLines(path)) {
    const userIds = parse(text);
    const expected = Math.min(chunkSize, users - line * chunkSize);
    line += 1;
    if (userIds?.length !== expected) {
      throw damaged(
        path,
        `line ${line} has ${userIds === null ? 'no list' : userIds.length} of ${expected} users`,
      );
    }
    yield { number: firstNumber + line - 1, pass, userIds };
  }
}

/** The lines for the plan of the second pass, streamed from a ledger: any number of users may be deferred. */
export async function* secondPlan(ledger: string, chunkSize: number): AsyncGenerator<string> {
  let users: string[] = [];
  for await (const { entry } of readLedger(ledger)) {
    users.push(...entry.deferred);
    for (; users.length >= chunkSize; users = users.slice(chunkSize))
      yield jsonLine(users.slice(0, chunkSize));
  }
  if (users.length > 0) yield jsonLine(users);
}

function parse(text: string): string[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((userId) => typeof userId === 'string') ? value : null;
  } catch {
    return null;
  }
}

const damaged = (path: string, what: string): DestinationError =>
  new DestinationError(`${path} ${what}: it was damaged; start over with --fresh`);
