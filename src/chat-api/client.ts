import { randomInt } from 'node:crypto';
import { inspect } from 'node:util';
import { EnvHttpProxyAgent, request } from 'undici';
import { looksLikeAnswer, type Page, PagingBroken, readAnswer, type StartIndex } from './answer.ts';
import { CallError } from './call-error.ts';
import type { Credentials } from './credentials.ts';
import { whenSent } from './sent-requests.ts';
import { MAX_BODY_BYTES, transportError } from './transport-error.ts';

export type ClientOptions = {
  /** Scheme, host and port, such as `https://console.tim.qq.com`. */
  readonly endpoint: string;
  readonly sdkAppId: number;
  readonly identifier: string;
  readonly credentials: Credentials;
  /** From the start of an attempt to the last byte of its answer, ms; the service's own time-out is 3,000. */
  readonly timeoutMs: number;
  /** Connections at most. */
  readonly connections: number;
};

const PATH = '/v4/recentcontact/get_contact_group';

/** Makes single calls of get_contact_group over kept-alive connections. Retries and pace are its caller's. */
export class ChatApiClient {
  readonly #options: ClientOptions;
  readonly #agent: EnvHttpProxyAgent;
  /** Whether anything that looked like the API has ever answered here. */
  #answered = false;
  readonly #urlStart: string;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#agent = new EnvHttpProxyAgent({
      connections: options.connections,
      pipelining: 1,
      maxResponseSize: MAX_BODY_BYTES,
      // The deadline of a whole attempt is set for each; undici's own would only come before it.
      headersTimeout: 0,
      bodyTimeout: 0,
      // Node's default of 250 ms is too short for a slow network with both IPv6 and IPv4.
      autoSelectFamilyAttemptTimeout: 5_000,
    });
    const identifier = encodeURIComponent(options.identifier);
    const path = `${PATH}?sdkappid=${options.sdkAppId}&identifier=${identifier}`;
    this.#urlStart = new URL(path, options.endpoint).href;
  }

  /**
   * One attempt at one page of one user.
   * @param onSent called when the request is written to its socket
   * @param signal ends the attempt; its reason is thrown
   * @throws {CallError} for every failure of the network or the API
   * @throws {PagingBroken} from {@link readAnswer}
   */
  async call(userId: string, startIndex: StartIndex, onSent: () => void, signal: AbortSignal): Promise<Page> {
    const { credentials } = this.#options;
    const userSig = credentials.current();
    try {
      return await this.#attempt(userId, startIndex, userSig, onSent, signal);
    } catch (error) {
      if (error instanceof CallError && error.class === 'sign-again' && !credentials.renew(userSig)) {
        throw new CallError({
          class: 'credential',
          code: error.code ?? 0,
          message: `${error.message}; sign a new one, or give the secret key instead`,
        });
      }
      throw error;
    }
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #attempt(
    userId: string,
    startIndex: StartIndex,
    userSig: string,
    onSent: () => void,
    signal: AbortSignal,
  ): Promise<Page> {
    const { endpoint, timeoutMs } = this.#options;
    const query = `&usersig=${userSig}&random=${randomInt(2 ** 32)}&contenttype=json`;
    // As it will be sent: some characters, such as ', are only escaped here.
    const url = new URL(this.#urlStart + query);
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), timeoutMs);
    const abort = (): void => deadline.abort();
    signal.addEventListener('abort', abort, { once: true });
    const forget = whenSent(url.pathname + url.search, onSent);
    try {
      signal.throwIfAborted();
      const { statusCode, body } = await request(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({ From_Account: userId, StartIndex: startIndex }),
        dispatcher: this.#agent,
        signal: deadline.signal,
      });
      const text = await body.text();
      // The vendor answers with 200 always; anything else comes from what stands between, unless it is an answer.
      if (looksLikeAnswer(text)) this.#answered = true;
      else if (statusCode !== 200) throw this.#httpError(statusCode);
      return readAnswer(text);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (deadline.signal.aborted) {
        throw new CallError({ class: 'transient', message: `${endpoint}: no answer within ${timeoutMs} ms` });
      }
      throw scrubbed(transportError(error, endpoint) ?? error, userSig);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      forget();
    }
  }

  /** The API itself answers with 200 always: another status tells of what stands between, or of a wrong address. */
  #httpError(status: number): CallError {
    const { endpoint } = this.#options;
    const isAddressWrong =
      !this.#answered && status >= 300 && status < 500 && status !== 408 && status !== 429;
    const message = `${endpoint}: HTTP status ${status}`;
    if (isAddressWrong) {
      return new CallError({
        class: 'configuration',
        message: `${message}; is this the address of the API?`,
      });
    }
    return new CallError({ class: status === 429 ? 'limit' : 'transient', message });
  }
}

// So many characters tell a UserSig; what quotes one may have cut it short or escaped some of it.
const TELLTALE = 16;

/** The error without the UserSig, which a server or a proxy may quote back: without its cause, too, if it is there. */
function scrubbed(error: unknown, userSig: string): unknown {
  const start = userSig.slice(0, TELLTALE);
  if (!inspect(error, { depth: null, maxStringLength: null }).includes(start)) return error;
  const quoted = new RegExp(`${start.replaceAll('*', '\\*')}[\\w*%-]*`, 'g');
  const clean = (text: string): string => text.replaceAll(quoted, '[usersig]');
  if (error instanceof PagingBroken) return new PagingBroken(clean(error.message));
  if (!(error instanceof CallError)) return error;
  return new CallError({
    class: error.class,
    message: clean(error.message),
    info: clean(error.info),
    ...(error.code === null ? {} : { code: error.code }),
  });
}
