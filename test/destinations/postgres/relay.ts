import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to the suite's server that can be cut. */
export class Relay {
  readonly #sockets = new Set<Socket>();
  readonly #path: string;
  readonly #database: string;
  #server: Server | null = null;
  #port = 0;
  /** Looks at what the server answers; true ends the connection instead of passing it on. */
  swallows: (answer: Buffer) => boolean = () => false;

  private constructor(url: URL) {
    this.#path = `${url.searchParams.get('host')}/.s.PGSQL.${url.searchParams.get('port')}`;
    this.#database = url.pathname;
  }

  static async start(url: string): Promise<Relay> {
    const relay = new Relay(new URL(url));
    await relay.up();
    return relay;
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.#port}${this.#database}`;
  }

  async up(): Promise<void> {
    this.#server = createServer((client) => this.#join(client));
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
  }

  /** Refuses new connections and cuts those there are. */
  async down(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(client: Socket): void {
    const server = connect(this.#path);
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.pipe(server);
    server.on('data', (answer) => {
      if (this.swallows(answer)) client.destroy();
      else client.write(answer);
    });
  }
}
