import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { Certificate } from './certificates.ts';

/** A request to a proxy: the host and port to connect to, and its headers. */
export type Asked = { readonly authority: string; readonly headers: IncomingHttpHeaders };

export type TestProxy = {
  /** `http://127.0.0.1:43210`, or `https://…` where it has a certificate. */
  readonly url: string;
  readonly asked: readonly Asked[];
  /** Connections that asked for a tunnel and are open now. */
  readonly open: ReadonlySet<Duplex>;
};

export type ProxyOptions = {
  /** The port of this machine that every tunnel leads to, whatever host was asked for. */
  readonly to: number;
  readonly certificate?: Certificate;
  /** The status of a CONNECT, with headers of its own; null is no answer at all. */
  readonly answer?: (asked: Asked) => { readonly status: number; readonly headers?: string } | null;
};

/** An HTTP proxy that only knows CONNECT; it is closed when the test ends. */
export async function startProxy({ to, certificate, answer }: ProxyOptions): Promise<TestProxy> {
  const asked: Asked[] = [];
  const open = new Set<Duplex>();
  const server = certificate === undefined ? createServer() : createSecureServer(certificate);
  server.on('connect', (request, socket: Duplex, head: Buffer) => {
    const one = { authority: request.url ?? '', headers: request.headers };
    asked.push(one);
    socket.on('error', () => {});
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    const reply = answer === undefined ? { status: 200 } : answer(one);
    if (reply === null) {
      // Only who reads sees the other side leave.
      socket.resume().on('end', () => socket.end());
      return;
    }
    const { status, headers = '' } = reply;
    const start = `HTTP/1.1 ${status} Whatever\r\n${headers}\r\n`;
    if (status !== 200) {
      socket.end(start);
      return;
    }
    const target = connect(to, '127.0.0.1', () => {
      socket.write(start);
      if (head.length > 0) target.write(head);
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
    target.on('close', () => socket.destroy());
    socket.on('close', () => target.destroy());
  });
  const port = await listen(server);
  return { url: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`, asked, open };
}

/** A TLS server before a plain one on this machine; its port. It is closed when the test ends. */
export async function startTlsFront(certificate: Certificate, url: string): Promise<number> {
  const { port, hostname } = new URL(url);
  const server = createTlsServer(certificate, (socket) => {
    const target = connect(Number(port), hostname);
    socket.on('error', () => target.destroy());
    target.on('error', () => socket.destroy());
    socket.pipe(target).pipe(socket);
  });
  server.on('tlsClientError', () => {});
  return await listen(server);
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}
