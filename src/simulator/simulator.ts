import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { SimulatorOptions } from './options/options.ts';
import { readOptions, readPatch } from './options/read-options.ts';
import { type ArrivalClock, WatchedClock } from './service/arrival-clock.ts';
import { CONTROL_PATH, type Controls, handleControl } from './service/control.ts';
import { Service } from './service/service.ts';

/** Longer than any client keeps an idle connection, so that the client closes it. */
const KEEP_ALIVE_MS = 75_000;

/** A running simulator of the API. */
export interface Simulator extends Controls {
  /** `http://127.0.0.1:43210`, to be followed by the API's path. */
  readonly url: string;
  readonly port: number;
  /** Destroys all connections and stops listening. */
  close(): Promise<void>;
}

/**
 * Starts a simulator of `POST /v4/recentcontact/get_contact_group` on a real socket. Missing options have their defaults; invalid
 * ones throw SimulatorOptionsError.
 */
export const startSimulator = async (
  given: Partial<SimulatorOptions> = {},
  clock: ArrivalClock = new WatchedClock(),
): Promise<Simulator> => {
  const options = readOptions(given);
  const clients = new Set<Socket>();
  const dropSockets = (): void => {
    for (const socket of clients) socket.destroy();
  };
  const service = new Service(options, dropSockets);
  const controls: Controls = {
    report: () => service.recorder.report(options.rate),
    change: (patch) => Object.assign(options, readPatch(patch)),
    reset: () => service.reset(),
  };

  const server = createServer((request, response) => {
    const at = clock.now();
    const target = request.url ?? '';
    const mark = target.indexOf('?');
    const path = mark < 0 ? target : target.slice(0, mark);
    if (path.startsWith(CONTROL_PATH)) {
      // An outage of the service must not hide the call recorder's report.
      clients.delete(request.socket);
      handleControl(request, response, path, controls).catch((error: Error) => response.destroy(error));
      return;
    }
    const query = mark < 0 ? '' : target.slice(mark + 1);
    const earliest = clock.earliest(at);
    service.handle(request, response, { method: request.method ?? '', path, query, at, earliest });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.on('connection', (socket) => {
    clients.add(socket);
    socket.on('close', () => clients.delete(socket));
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sampler = setInterval(() => service.recorder.sampleLoop(), 1_000).unref();

  return {
    ...controls,
    port,
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    close: async () => {
      clearInterval(sampler);
      clock.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
