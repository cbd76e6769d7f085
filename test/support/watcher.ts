import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Watcher = {
  /** Of a check that it watches. */
  readonly url: string;
  readonly port: number;
  /** The requests to it, in order: method, path and query. */
  readonly asked: readonly string[];
};

/** The path that is needed to ping. */
export const PING_PATH = '/1f0c3a52-watch-me';

/** A monitoring service for pings; it is closed when the test ends. A status of null is no answer. */
export async function startWatcher(statusOf: (times: number) => number | null = () => 200): Promise<Watcher> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const status = statusOf(asked.length);
    if (status !== null) response.writeHead(status).end('OK');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}${PING_PATH}`, port, asked };
}
