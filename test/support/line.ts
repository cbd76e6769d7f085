import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from 'node:net';
import { join } from 'node:path';
import { whenOver } from './when-over.ts';

/** A network line to a server, which can fail. It listens on loopback until the test ends. */
export interface Line {
  readonly port: number;
  /** Ends all connections, and refuses new ones. */
  cut(): void;
  /** Swallows what both sides send: neither is told. */
  mute(): void;
  /** From now on new connections work. Those that were muted stay so. */
  mend(): void;
}

export async function startLine(to: NetConnectOpts): Promise<Line> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let state: 'works' | 'cut' | 'muted' = 'works';
  // A muted line answers no farewell either.
  const server = createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => {});
    if (state === 'cut') {
      client.destroy();
      return;
    }
    if (state === 'muted') {
      muted.add(client.resume());
      return;
    }
    const target = connect(to);
    const pair = [client, target] as const;
    pairs.add(pair);
    target.on('error', () => client.destroy());
    client.on('close', () => {
      pairs.delete(pair);
      target.destroy();
    });
    target.on('close', () => client.destroy());
    client.pipe(target).pipe(client);
  });
  const muted = new Set<Socket>();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  whenOver(async () => {
    for (const [client] of pairs) client.destroy();
    for (const client of muted) client.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      state = 'cut';
      for (const [client] of pairs) client.destroy();
    },
    mute: () => {
      state = 'muted';
      for (const [client, target] of pairs) {
        client.unpipe(target);
        target.unpipe(client);
        // Read, so that the other side's kernel goes on to take what is sent.
        muted.add(client.resume());
        target.pause();
      }
    },
    mend: () => {
      state = 'works';
    },
  };
}

/** A line to the server of a database, and the database's URL over it. */
export async function lineToDatabase(url: string): Promise<Line & { readonly url: string }> {
  const { searchParams, pathname, hostname, port } = new URL(url);
  const directory = searchParams.get('host');
  const line = await startLine(
    directory === null
      ? { host: hostname, port: Number(port) }
      : { path: join(directory, `.s.PGSQL.${searchParams.get('port')}`) },
  );
  return { ...line, url: `postgres://postgres@127.0.0.1:${line.port}${pathname}` };
}
