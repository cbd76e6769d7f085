import type pg from 'pg';
import { connectionTarget } from './connection-url.ts';
import { openSocket } from './open-socket.ts';

const CANCEL_REQUEST = 80_877_102;
const WITHIN_MS = 1_000;

/**
 * Asks the server, or the pooler in front of it, to cancel the statement of a connection: PostgreSQL's manual, "Canceling
 * Requests in Progress". There is no answer. The request is given up after one second.
 */
export async function requestCancel(client: pg.ClientBase, url: string, name: string): Promise<void> {
  const { processID, secretKey } = client as {
    readonly processID?: number | null;
    readonly secretKey?: number | null;
  };
  if (typeof processID !== 'number' || typeof secretKey !== 'number') return;
  const request = Buffer.alloc(16);
  request.writeInt32BE(16, 0);
  request.writeInt32BE(CANCEL_REQUEST, 4);
  request.writeInt32BE(processID, 8);
  request.writeInt32BE(secretKey, 12);
  try {
    const { address, port } = connectionTarget(url, name);
    const socket = await openSocket(address, port, WITHIN_MS);
    await new Promise<void>((resolve) => {
      // The server closes the connection once it has passed the request on.
      socket.once('close', () => resolve());
      socket.on('error', () => {});
      socket.setTimeout(WITHIN_MS, () => socket.destroy());
      socket.resume();
      socket.end(request);
    });
  } catch {
    // The statement ends by itself, or when the server notices that its client is gone.
  }
}
