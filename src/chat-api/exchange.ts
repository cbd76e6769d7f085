import type { Dispatcher } from 'undici';
import { type Body, readBody } from './body.ts';
import type { BodyBudget } from './body-budget.ts';

/** A complete answer. */
export type Reply = {
  readonly statusCode: number;
  readonly headers: ReplyHeaders;
  readonly body: Body;
  /** When its head arrived, ms of the monotonic clock. */
  readonly answeredAt: number;
};

/** By their names in lower case; a repeated header is a list. */
export type ReplyHeaders = Readonly<Record<string, string | string[] | undefined>>;

type Start = Omit<Reply, 'body'>;

export type ExchangeWatch = {
  /** Called when the request is written to its socket, which may be long after the call (a connection to open, a busy event loop). */
  readonly onSent: () => void;
  /** Called with true when the answer starts to wait for room in memory, and with false when it is read on. */
  readonly onHold: (isHeld: boolean) => void;
};

const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json',
  'accept-encoding': 'identity',
};

/**
 * One POST of JSON and its answer. It uses undici's handlers: `request` makes a stream of each answer, which is more than a page
 * that is read at once needs.
 */
export class Exchange<T> implements Dispatcher.DispatchHandler {
  /** The result of reading the answer. Rejects with undici's error, and with the reason of `abort`. */
  readonly read: Promise<T>;
  readonly #watch: ExchangeWatch;
  readonly #bodies: BodyBudget;
  readonly #readReply: (reply: Reply) => T;
  readonly #chunks: Buffer[] = [];
  #resolve: (read: T) => void = () => {};
  #reject: (error: Error) => void = () => {};
  #controller: Dispatcher.DispatchController | null = null;
  #reason: Error | null = null;
  #start: Start | null = null;
  #makeRoom: () => void = () => {};

  /**
   * @param path in its sent form, query included
   * @param read called with the answer as soon as it is complete; its text settles no promise, which would keep it in memory (see
   * `pullUser`)
   */
  constructor(
    { dispatcher, bodies }: { readonly dispatcher: Dispatcher; readonly bodies: BodyBudget },
    path: string,
    body: string,
    watch: ExchangeWatch,
    read: (reply: Reply) => T,
  ) {
    this.#bodies = bodies;
    this.#watch = watch;
    this.#readReply = read;
    this.read = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    dispatcher.dispatch({ method: 'POST', path, headers: HEADERS, body }, this);
  }

  /** Ends it. A request that waits for a connection ends when the connection is there or fails. */
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
    // undici calls this just before it writes, in the same turn. A garbage collection may still come in between. A call that
    // counts as earlier than it was lets a later one leave too soon.
    queueMicrotask(this.#watch.onSent);
    this.#makeRoom = this.#bodies.expect(this.#watch.onHold);
  }

  onResponseStart(_: Dispatcher.DispatchController, statusCode: number, headers: ReplyHeaders): void {
    // Headers before the answer itself, such as 103 Early Hints.
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
    } finally {
      this.#makeRoom();
    }
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#makeRoom();
    this.#reject(error);
  }
}
