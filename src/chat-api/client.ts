import { randomInt } from 'node:crypto';
import { looksLikeAnswer, type Page, readAnswer, type StartIndex } from './answer.ts';
import { CallError, withHint } from './call-error.ts';
import { ClockSkew } from './clock-skew.ts';
import { ApiConnections, type ApiConnectionsOptions } from './connections.ts';
import { Countdown } from './countdown.ts';
import type { Credentials } from './credentials.ts';
import { unansweredHints } from './error-table.ts';
import { Exchange, type Reply, type ReplyHeaders } from './exchange.ts';
import { Redactor } from './redact.ts';
import { readRetryAfter } from './retry-after.ts';
import { transportError } from './transport-error.ts';

export type ClientOptions = ApiConnectionsOptions & {
  /** The hint of errors that leave the endpoint's name in doubt; null for the usual one. */
  readonly nameAdvice: string | null;
  readonly sdkAppId: number;
  readonly identifier: string;
  readonly credentials: Credentials;
  /**
   * From the start of an attempt to the last byte of its answer, ms. The service's own time-out is 3,000. Time in which the answer
   * waits for room in memory does not count.
   */
  readonly timeoutMs: number;
  /** Called once, with a message, when this machine's clock is wrong. */
  readonly onClockFault?: (message: string) => void;
  readonly meter?: CallObserver | undefined;
};

/** Observes calls. Instants are ms of the monotonic clock. */
export type CallObserver = {
  /** A request is written to its socket. */
  sent(at: number): void;
  /** An answer of the API is complete, this many ms after its request was written. */
  answered(at: number, ms: number): void;
};

/** Turns a page and the text of its answer into the value to keep. */
export type KeepPage = (page: Page, text: string) => Page;

const asItCame: KeepPage = (page) => page;

const NOT_SENT = Number.POSITIVE_INFINITY;
const PATH = '/v4/recentcontact/get_contact_group';

/** Makes single calls of get_contact_group over kept-alive connections. The caller adds retries and the rate. */
export class ChatApiClient {
  readonly #options: ClientOptions;
  readonly #connections: ApiConnections;
  readonly #clock: ClockSkew;
  readonly #redactor: Redactor;
  /** Whether an answer of the API ever came from here. */
  #answered = false;
  readonly #urlStart: string;
  #path = { userSig: '', start: '' };

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#connections = new ApiConnections(options);
    this.#clock = new ClockSkew(options.onClockFault);
    this.#redactor = new Redactor([...this.#connections.secrets, ...options.credentials.secrets]);
    const identifier = encodeURIComponent(options.identifier);
    const path = `${PATH}?sdkappid=${options.sdkAppId}&identifier=${identifier}`;
    this.#urlStart = new URL(path, options.endpoint).href;
  }

  /** How far this machine's clock is ahead of the API's, ms; negative when behind, null before an answer with a date. */
  get clockSkewMs(): number | null {
    return this.#clock.ms;
  }

  /**
   * One attempt at one page of one user.
   * @param onSent called when the request is written to its socket
   * @param signal ends the attempt; its reason is thrown
   * @param keep is called with the page and the text of its answer in the turn in which it came, and returns the value to keep
   * @throws {CallError} for every failure of the network or the API
   * @throws {PaginationError} from {@link readAnswer}
   */
  async call(
    userId: string,
    startIndex: StartIndex,
    onSent: () => void,
    signal: AbortSignal,
    keep: KeepPage = asItCame,
  ): Promise<Page> {
    const { credentials } = this.#options;
    const userSig = credentials.current();
    try {
      return await this.#attempt(userId, startIndex, userSig, onSent, signal, keep);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      const explained = this.#withClockHint(error);
      if (error.class !== 'sign-again' || credentials.renew(userSig)) throw explained;
      throw withHint(explained, [...new Set([explained.hint, error.hint])].join('; '), 'credential');
    }
  }

  /** A text that may quote an answer, without secrets. */
  redacted(text: string): string {
    this.#redactor.userSig = this.#options.credentials.current();
    return this.#redactor.text(text);
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    await this.#connections.close();
  }

  async #attempt(
    userId: string,
    startIndex: StartIndex,
    userSig: string,
    onSent: () => void,
    signal: AbortSignal,
    keep: KeepPage,
  ): Promise<Page> {
    const { timeoutMs, nameAdvice, meter } = this.#options;
    const { place } = this.#connections;
    signal.throwIfAborted();
    let sentAt = NOT_SENT;
    const body = JSON.stringify({ From_Account: userId, StartIndex: startIndex });
    const onWritten = (): void => {
      sentAt = performance.now();
      onSent();
      meter?.sent(sentAt);
    };
    let isLate = false;
    const timeout = new Countdown(timeoutMs, () => {
      isLate = true;
      exchange.abort(new Error('late'));
    });
    const watch = {
      onSent: onWritten,
      onHold: (isHeld: boolean) => (isHeld ? timeout.stop() : timeout.resume()),
    };
    const exchange = new Exchange(this.#connections, this.#pathFor(userSig), body, watch, (reply) =>
      keep(this.#pageIn(reply, userId, sentAt), reply.body.text),
    );
    const abort = (): void => exchange.abort(new Error('aborted'));
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await exchange.read;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (isLate) {
        const what = sentAt === NOT_SENT ? 'no connection' : 'no answer';
        throw new CallError({
          class: 'transient',
          message: `${place}: ${what} within ${timeoutMs} ms`,
          hint: unansweredHints.late,
        });
      }
      this.#redactor.userSig = userSig;
      throw this.#redactor.error(transportError(error, place, nameAdvice) ?? error);
    } finally {
      timeout.stop();
      signal.removeEventListener('abort', abort);
    }
  }

  /** @param sentAt when its request was written */
  #pageIn({ statusCode, headers, body, answeredAt }: Reply, userId: string, sentAt: number): Page {
    // The vendor always answers with 200. Any other status comes from a host in between, unless the body is an answer.
    if (looksLikeAnswer(body.text)) {
      this.#answered = true;
      if (sentAt !== NOT_SENT) {
        this.#clock.measure(headers.date, { sentAt, answeredAt });
        const now = performance.now();
        this.#options.meter?.answered(now, now - sentAt);
      }
    } else if (statusCode !== 200) throw this.#httpError(statusCode, headers);
    return readAnswer(body.text, { isUtf8: body.isUtf8, userId });
  }

  /** In its sent form: some characters, such as ', are only escaped by URL. */
  #pathFor(userSig: string): string {
    if (this.#path.userSig !== userSig) {
      const { pathname, search } = new URL(`${this.#urlStart}&usersig=${userSig}`);
      this.#path = { userSig, start: pathname + search };
    }
    return `${this.#path.start}&random=${randomInt(2 ** 32)}&contenttype=json`;
  }

  /** A wrong clock explains a refused signature. */
  #withClockHint(error: CallError): CallError {
    const { fault } = this.#clock;
    const isOfSignature = error.class === 'credential' || error.class === 'sign-again';
    return fault !== null && isOfSignature ? withHint(error, fault) : error;
  }

  /** The API itself always answers with 200. Another status comes from a host in between, or from a wrong address. */
  #httpError(status: number, headers: ReplyHeaders): CallError {
    const { place } = this.#connections;
    const isAddressWrong =
      !this.#answered && status >= 300 && status < 500 && status !== 408 && status !== 429;
    const message = `${place}: HTTP status ${status}`;
    if (isAddressWrong) {
      return new CallError({
        class: 'configuration',
        message,
        hint: 'is this the address of the API? Name --region, or another --endpoint',
      });
    }
    return new CallError({
      class: status === 429 ? 'limit' : 'transient',
      message,
      hint: unansweredHints.otherStatus,
      retryAfterMs: status === 429 || status === 503 ? readRetryAfter(headers, Date.now()) : null,
    });
  }
}
