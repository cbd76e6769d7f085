import { connect, createServer, type Socket } from 'node:net';

/** Requests are delayed by at most so much from some second on, counted from the first request. */
export type JitterPhase = { readonly fromSecond: number; readonly jitterMs: number };

/** The input of a relay: where to pass calls on to, and the jitter over time, in order. */
export type RelayInput = { readonly port: number; readonly phases: readonly JitterPhase[] };

/**
 * The way to the API, in a process of its own: each request is delayed on its own by a random time up to the jitter, so that
 * evenly spaced calls arrive in bunches. Answers pass at once. The judge takes the arrivals after the relay.
 *
 * It sends its port, and serves until it is killed.
 */
process.once('message', (message) => {
  const { port, phases } = message as RelayInput;
  const jitter = jitterOver(phases);
  const server = createServer((client) =>
    pass(client, connect({ port, host: '127.0.0.1', noDelay: true }), jitter),
  );
  server.listen(0, '127.0.0.1', () => process.send?.(server.address()));
});
process.once('disconnect', () => process.exit());

/** The jitter now, ms. */
function jitterOver(phases: readonly JitterPhase[]): () => number {
  let began: number | null = null;
  return () => {
    began ??= performance.now();
    const second = (performance.now() - began) / 1_000;
    return phases.findLast(({ fromSecond }) => fromSecond <= second)?.jitterMs ?? 0;
  };
}

function pass(client: Socket, api: Socket, jitter: () => number): void {
  client.setNoDelay();
  // The pieces of one connection keep their order; each connection carries one request at a time.
  let arrivesAt = 0;
  client.on('data', (piece) => {
    arrivesAt = Math.max(arrivesAt, performance.now() + Math.random() * jitter());
    setTimeout(() => api.write(piece), arrivesAt - performance.now());
  });
  api.pipe(client);
  for (const [one, other] of [
    [client, api],
    [api, client],
  ] as const) {
    one.on('error', () => one.destroy());
    one.on('close', () => other.destroy());
  }
}
