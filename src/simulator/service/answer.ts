import type { ServerResponse } from 'node:http';

const HTML =
  '<html>\r\n<head><title>Bad Gateway</title></head>\r\n<body><h1>Bad Gateway</h1></body>\r\n</html>\r\n';
const OVER_8_MB = 8 * 1024 * 1024 + 1;
let padding: Buffer | undefined;

const send = (response: ServerResponse, status: number, type: string, body: string | Buffer): void => {
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': length });
  response.end(body);
};

export const sendJson = (response: ServerResponse, body: string, status = 200): void =>
  send(response, status, 'application/json', body);

export const sendHtml = (response: ServerResponse, status: number): void =>
  send(response, status, 'text/html', HTML);

/** The right answer under a wrong content type. */
export const sendPlainText = (response: ServerResponse, body: string): void =>
  send(response, 200, 'text/plain', body);

/** The first half as a complete body, cut at a byte, so that a character may be cut, too. */
export const sendTruncated = (response: ServerResponse, body: string): void => {
  const whole = Buffer.from(body);
  send(response, 200, 'application/json', whole.subarray(0, Math.ceil(whole.length / 2)));
};

/**
 * The right answer, longer than a client should read. Sent in parts without copies: a busy event loop would see the next requests
 * late and bunched.
 */
export const sendOversized = (response: ServerResponse, body: string): void => {
  padding ??= Buffer.alloc(OVER_8_MB, 'x');
  const head = '{"Padding":"';
  const rest = Buffer.from(`",${body.slice(1)}`);
  const length = head.length + padding.length + rest.length;
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': length });
  response.write(head);
  response.write(padding);
  response.end(rest);
};

/** Announces the whole body, sends half of it and destroys the socket. */
export const sendCut = (response: ServerResponse, body: string): void => {
  const whole = Buffer.from(body);
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': whole.length });
  response.write(whole.subarray(0, Math.ceil(whole.length / 2)), () => response.socket?.destroy());
};
