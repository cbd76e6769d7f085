import { connect, createServer, type Socket } from 'node:net';

/** The input of a relay: where to pass calls on to, and the longest delay of each, ms. */
export type RelayInput = { readonly port: number; readonly jitterMs: number };

/**
 * The way to the API, in a process of its own: each request is delayed on its own by a random time up to the jitter, so that
 * evenly spaced calls arrive in bunches. Answers pass at once.
 *
 * It sends its port, and serves until it is killed.
 */
process.once('message', (message) => {
  const { port, jitterMs } = message as RelayInput;
  const server = createServer((client) =>
    pass(client, connect({ port, host: '127.0.0.1', noDelay: true }), jitterMs),
  );
  server.listen(0, '127.0.0.1', () => process.send?.(server.address()));
});
process.once('disconnect', () => process.exit());

function pass(client: Socket, api: Socket, jitterMs: number): void {
  client.setNoDelay();
  // The pieces of one connection keep their order; each connection carries one request at a time.
  let arrivesAt = 0;
  client.on('data', (piece) => {
    arrivesAt = Math.max(arrivesAt, performance.now() + Math.random() * jitterMs);
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
