import { subscribe } from 'node:diagnostics_channel';

type SendHeaders = { readonly request: { readonly path: string } };

// Keyed by path: each attempt's query holds a `random` of its own.
const waiting = new Map<string, () => void>();
let subscribed = false;

/**
 * Calls `onSent` when undici writes the request with this path to its socket, which may be long after it was asked
 * for (a connection to open, a busy event loop). Returns the means to take that back.
 */
export function whenSent(path: string, onSent: () => void): () => void {
  if (!subscribed) {
    subscribed = true;
    subscribe('undici:client:sendHeaders', (message) => {
      const { path: sent } = (message as SendHeaders).request;
      waiting.get(sent)?.();
      waiting.delete(sent);
    });
  }
  waiting.set(path, onSent);
  return () => waiting.delete(path);
}
