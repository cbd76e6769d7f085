import type { Dispatcher } from 'undici';
import { type Body, readBody } from './body.ts';

/** An answer, whole. */
export type Reply = {
  readonly statusCode: number;
  readonly headers: ReplyHeaders;
  readonly body: Body;
  /** When its head arrived, ms of the monotonic clock. */
  readonly answeredAt: number;
};

/** By their names in lower case; one that came several times is a list. */
export type ReplyHeaders = Readonly<Record<string, string | string[] | undefined>>;

type Start = Omit<Reply, 'body'>;

const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json',
  'accept-encoding': 'identity',
};

/**
 * One POST of JSON and its answer. It hears from undici by itself: `request` makes a stream of each answer, which is more than
 * a page that is read whole needs.
 */
export class Exchange<T> implements Dispatcher.DispatchHandler {
  /** What came of reading the answer. Rejects with what undici tells of a failure, and with the reason of `abort`. */
  readonly read: Promise<T>;
  readonly #onSent: () => void;
  readonly #readReply: (reply: Reply) => T;
  readonly #chunks: Buffer[] = [];
  #resolve: (read: T) => void = () => {};
  #reject: (error: Error) => void = () => {};
  #controller: Dispatcher.DispatchController | null = null;
  #reason: Error | null = null;
  #start: Start | null = null;

  /**
   * @param path as it is to be sent, query included
   * @param onSent called when the request is written to its socket, which may be long after it was asked for (a connection
   * to open, a busy event loop)
   * @param read is given the answer as soon as it is whole. Its text settles no promise, which would keep it long after that
   * (as `pullUser` says of rows)
   */
  constructor(
    dispatcher: Dispatcher,
    path: string,
    body: string,
    onSent: () => void,
    read: (reply: Reply) => T,
  ) {
    this.#onSent = onSent;
    this.#readReply = read;
    this.read = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    dispatcher.dispatch({ method: 'POST', path, headers: HEADERS, body }, this);
  }

  /** Ends it; where its request waits for a connection, when that is there or cannot be had. */
  abort(reason: Error): void {
    this.#reason ??= reason;
    this.#controller?.abort(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#reason !== null) {
      controller.abort(this.#reason);
      return;
    }
    this.#controller = controller;
    // undici tells of it just before it writes, in the same turn: a garbage collection may still come in between, and a
    // call that is taken for earlier than it was lets a later one come too soon.
    queueMicrotask(this.#onSent);
  }

  onResponseStart(_: Dispatcher.DispatchController, statusCode: number, headers: ReplyHeaders): void {
    // What comes before the answer itself, such as 103 Early Hints.
    if (statusCode < 200) return;
    this.#start = { statusCode, headers, answeredAt: performance.now() };
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#start === null) throw new Error('an answer has ended that never began');
    try {
      const body = readBody(this.#chunks.splice(0), String(this.#start.headers['content-encoding'] ?? ''));
      this.#resolve(this.#readReply({ ...this.#start, body }));
    } catch (error) {
      this.#reject(error as Error);
    }
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#reject(error);
  }
}
