import { subscribe } from 'node:diagnostics_channel';

type SendHeaders = { readonly request: { readonly path: string } };

// Keyed by path: each attempt's query holds a `random` of its own.
const waiting = new Map<string, () => void>();
let subscribed = false;

/**
 * Calls `onSent` when undici has written the request with this path to its socket, which may be long after it was asked
 * for (a connection to open, a busy event loop). Returns the means to take that back.
 */
export function whenSent(path: string, onSent: () => void): () => void {
  if (!subscribed) {
    subscribed = true;
    subscribe('undici:client:sendHeaders', (message) => {
      const { path: sent } = (message as SendHeaders).request;
      const onSent = waiting.get(sent);
      waiting.delete(sent);
      // undici tells of it just before it writes, in the same turn: a garbage collection may still come in between, and
      // a call that is taken for earlier than it was lets a later one come too soon.
      if (onSent !== undefined) queueMicrotask(onSent);
    });
  }
  waiting.set(path, onSent);
  return () => waiting.delete(path);
}
