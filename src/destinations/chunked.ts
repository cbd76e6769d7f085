/** Cuts batches of users into chunks of `size`, in order. The last one may be smaller. */
export function* chunked(batches: Iterable<readonly string[]>, size: number): Generator<string[]> {
  let chunk: string[] = [];
  for (const batch of batches) {
    for (const userId of batch) {
      chunk.push(userId);
      if (chunk.length < size) continue;
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}
