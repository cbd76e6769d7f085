import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { onTestFinished } from 'vitest';
import type { Page, StartIndex } from '../../src/chat-api/answer.ts';
import { ChatApiClient, type ClientOptions } from '../../src/chat-api/client.ts';
import { keyCredentials, SDK_APP_ID } from './signing.ts';

export type Arrival = {
  readonly url: URL;
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly socket: Socket;
};

type Answer = (arrival: Arrival, response: ServerResponse) => void;

export const EMPTY_PAGE = JSON.stringify({
  ActionStatus: 'OK',
  ErrorCode: 0,
  ErrorInfo: '',
  CompleteFlag: 1,
  NextStartIndex: 0,
});

export const failure = (code: number, info = 'no'): string =>
  JSON.stringify({ ActionStatus: 'FAIL', ErrorCode: code, ErrorInfo: info });

/** A server on this machine that answers as the test says; it is closed when the test ends. */
export async function serve(answer: Answer, host = '127.0.0.1') {
  const arrivals: Arrival[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    const url = new URL(request.url ?? '', 'http://server');
    const arrival = {
      url,
      method: request.method ?? '',
      headers: request.headers,
      body,
      socket: request.socket,
    };
    arrivals.push(arrival);
    answer(arrival, response);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, arrivals };
}

/** A server that speaks bytes, not HTTP: called for each piece that arrives. */
export async function serveBytes(onData: (socket: Socket, data: string) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createSocketServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => onData(socket, data.toString('latin1')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A port of this machine without a listener. */
export async function freePort(): Promise<number> {
  const server = createSocketServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export function clientFor(endpoint: string, options: Partial<ClientOptions> = {}): ChatApiClient {
  const client = new ChatApiClient({
    endpoint,
    sdkAppId: SDK_APP_ID,
    identifier: 'administrator',
    credentials: keyCredentials(),
    timeoutMs: 30_000,
    connections: 4,
    proxy: null,
    ca: [],
    nameAdvice: '',
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

export type CallParts = {
  userId?: string;
  startIndex?: StartIndex;
  onSent?: () => void;
  signal?: AbortSignal;
};

export const call = (client: ChatApiClient, parts: CallParts = {}): Promise<Page> =>
  client.call(
    parts.userId ?? 'user0',
    parts.startIndex ?? 0,
    parts.onSent ?? (() => {}),
    parts.signal ?? new AbortController().signal,
  );

/** The error of a call that must fail. */
export async function errorOf(calling: Promise<unknown>): Promise<Error> {
  try {
    await calling;
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error('something else than an error was thrown', { cause: error });
  }
  throw new Error('the call succeeded');
}

/** All that an error can show, in any way of printing it. */
export function shapesOf(error: unknown): string {
  const chain: string[] = [];
  for (let each = error; each instanceof Error; each = each.cause) {
    chain.push(String(each), each.stack ?? '', JSON.stringify(each, Object.getOwnPropertyNames(each)));
  }
  const all = { depth: null, showHidden: true, maxStringLength: null, maxArrayLength: null };
  return [...chain, inspect(error, all)].join('\n');
}
