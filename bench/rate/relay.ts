import { connect, createServer, type Socket } from 'node:net';

/** What a relay is told: where to pass calls on to, and by how much each is delayed at most, ms. */
export type RelayInput = { readonly port: number; readonly jitterMs: number };

/**
 * The way to the API, in a process of its own: each request is delayed by anything from nothing to the jitter, alone, so
 * that calls which left evenly arrive in bunches. Answers pass at once.
 *
 * It tells its port, and serves until it is killed.
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
