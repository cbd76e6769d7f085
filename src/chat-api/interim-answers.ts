import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';

// The first bytes of every answer with a status from 100 to 109; the last digit follows.
const INTERIM = Buffer.from('HTTP/1.1 10');
const ZERO = '0'.charCodeAt(0);
const ONE = '1'.charCodeAt(0);
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const TWO = '2'.charCodeAt(0);

/**
 * Finds each unexpected `100 Continue` before an answer, and changes it to a `102`. Both say nothing, and any client must skip
 * them (RFC 9110, section 15.2), but undici closes the connection at a 100.
 */
export class InterimAnswers {
  /** How many bytes of INTERIM have come; null within an answer. */
  #matched: number | null = null;
  /** Within the head of an interim answer: the bytes of the current line without its end. */
  #lineBytes: number | null = null;

  /** A request is being written: an answer begins with the next byte. */
  expectAnswer(): void {
    this.#matched ??= 0;
  }

  /** Changes bytes in place. */
  pass(bytes: Buffer): void {
    for (let i = 0; i < bytes.length && this.#matched !== null; i += 1) {
      const byte = bytes[i] ?? 0;
      if (this.#lineBytes !== null) this.#passHead(byte);
      else if (this.#matched > 0 || (byte !== CARRIAGE_RETURN && byte !== LINE_FEED)) {
        if (this.#matched === INTERIM.length) {
          if (byte === ZERO) bytes[i] = TWO;
          // After 101 Switching Protocols, no HTTP follows.
          if (byte === ONE) this.#matched = null;
          else this.#lineBytes = 1;
        } else this.#matched = byte === INTERIM[this.#matched] ? this.#matched + 1 : null;
      }
    }
  }

  #passHead(byte: number): void {
    if (byte === CARRIAGE_RETURN) return;
    if (byte !== LINE_FEED) this.#lineBytes = 1;
    else if (this.#lineBytes !== 0) this.#lineBytes = 0;
    else {
      this.#lineBytes = null;
      this.#matched = 0;
    }
  }
}

/** The same connections, on which `100 Continue` is skipped. */
export const readingPastContinue =
  (connect: buildConnector.connector): buildConnector.connector =>
  (options, callback) =>
    connect(options, (...result) => {
      // undici omits it after an error.
      const socket = result[1] as Socket | null | undefined;
      if (socket) watch(socket);
      callback(...result);
    });

/** undici reads everything by `read`, and writes a request in one turn. */
function watch(socket: Socket): void {
  const answers = new InterimAnswers();
  const { read, write } = socket;
  socket.read = (size) => {
    const chunk: unknown = read.call(socket, size);
    if (Buffer.isBuffer(chunk)) answers.pass(chunk);
    return chunk;
  };
  socket.write = ((...piece: Parameters<typeof write>) => {
    answers.expectAnswer();
    return write.apply(socket, piece);
  }) as typeof write;
}
