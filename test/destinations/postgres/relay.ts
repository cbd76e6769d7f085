import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** An error message of the server's protocol, after which it says nothing more. */
export type Refusal = { readonly severity: string; readonly code: string; readonly message: string };

function messageOf({ severity, code, message }: Refusal): Buffer {
  const fields = Buffer.from(`S${severity}\0VFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.from('E\0\0\0\0');
  head.writeInt32BE(4 + fields.length, 1);
  return Buffer.concat([head, fields]);
}

const asksForTls = (said: Buffer): boolean => said.length === 8 && said.readInt32BE(4) === 80_877_103;

/** A way to the suite's server that can be cut. */
export class Relay {
  readonly #sockets = new Set<Socket>();
  /** The first bytes of each connection, by the server's side of it. */
  readonly #first = new Map<Socket, Buffer>();
  readonly #path: string;
  readonly #database: string;
  #server: Server | null = null;
  #port = 0;
  /** Sees what the server answers; true ends the connection instead of passing it on. */
  swallows: (answer: Buffer) => boolean = () => false;
  /** Delays the data of a new connection after its first bytes until the promise resolves; null passes it on at once. */
  holds: (said: Buffer) => Promise<void> | null = () => null;
  /** Said to new connections, and over those there are instead of the server's next answer. */
  refusal: Refusal | null = null;

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
    this.cut();
    await closed;
  }

  /** From now on the server's side of the connections of a purpose is gone; their client's side stays open, and hears nothing. */
  endUnnoticed(purpose: string): void {
    for (const [server, said] of this.#first) {
      if (!said.includes(`chat-export ${purpose},`)) continue;
      server.removeAllListeners('close');
      server.destroy();
    }
  }

  /** Cuts the connections that there are; new ones are served, or refused. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(client: Socket): void {
    const { refusal } = this;
    if (refusal !== null) {
      client.on('error', () => {});
      client.on('data', (said) => {
        if (asksForTls(said)) client.write('N');
        else client.end(messageOf(refusal));
      });
      return;
    }
    const server = connect(this.#path);
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        this.#first.delete(server);
        client.destroy();
        server.destroy();
      });
    }
    client.once('data', (said) => {
      this.#first.set(server, said);
      const held = this.holds(said);
      client.pause();
      server.write(said);
      void (held ?? Promise.resolve()).then(() => client.pipe(server));
    });
    server.on('data', (answer) => {
      if (this.swallows(answer)) client.destroy();
      // The way stays open, as some poolers leave it.
      else if (this.refusal !== null) client.write(messageOf(this.refusal));
      else client.write(answer);
    });
  }
}
