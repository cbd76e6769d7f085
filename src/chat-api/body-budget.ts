import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';

// Most answers have some tens of KiB, so this is enough for hundreds at once. Beyond it, only one answer is read on.
const MAX_BYTES = 16 * 1024 * 1024;

/** One answer that is being read. */
class Reading {
  bytes = 0;
  isOver = false;
  /** Reads a connection that was left unread. */
  readOn: () => void = () => {};
  readonly onHold: (isHeld: boolean) => void;

  constructor(onHold: (isHeld: boolean) => void) {
    this.onHold = onHold;
  }
}

/**
 * Bounds the memory of incomplete answers. When it is full, connections are left unread, so that TCP makes the sender wait. The
 * answer that began first is always read on. So it is complete at some time, and makes room.
 *
 * A connection that is left unread keeps one piece of up to 64 KiB in memory, which Node.js reads in advance. undici's `pause` is
 * not used: it keeps two such pieces, and its parser fails an assertion if such a connection is reset.
 */
export class BodyBudget {
  readonly #maxBytes: number;
  #bytes = 0;
  /** Answers with bytes in memory, in the order of their beginning. */
  readonly #begun = new Set<Reading>();
  /** Answers whose connection is left unread. */
  readonly #unread = new Set<Reading>();
  #next: Reading | null = null;
  #isWaking = false;

  constructor(maxBytes = MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Wraps a connector: its connections are left unread while there is no room. */
  readonly limiting =
    (connect: buildConnector.connector): buildConnector.connector =>
    (options, callback) =>
      connect(options, (...result) => {
        // undici passes no socket with an error.
        const socket = result[1] as Socket | null | undefined;
        if (socket) this.#limit(socket);
        callback(...result);
      });

  /**
   * Announces a request that is written in this turn. What its connection reads after that is its answer.
   * @param onHold called with true when the answer starts to wait, and with false when it is read on
   * @returns to be called when the answer is complete or has failed
   */
  expect(onHold: (isHeld: boolean) => void): () => void {
    const reading = new Reading(onHold);
    this.#next = reading;
    return () => this.#end(reading);
  }

  /** undici calls `read` until it returns null, and writes a request in one turn. */
  #limit(socket: Socket): void {
    const { read, write } = socket;
    let reading: Reading | null = null;
    socket.write = ((...piece: Parameters<typeof write>) => {
      if (this.#next !== null) {
        reading = this.#next;
        reading.readOn = () => socket.emit('readable');
        this.#next = null;
      }
      return write.apply(socket, piece);
    }) as typeof write;
    socket.read = (size) => {
      if (reading === null || reading.isOver) return read.call(socket, size);
      if (!this.#hasRoomFor(reading)) {
        this.#hold(reading);
        return null;
      }
      const piece: unknown = read.call(socket, size);
      if (Buffer.isBuffer(piece)) this.#count(reading, piece.length);
      return piece;
    };
  }

  #hasRoomFor(reading: Reading): boolean {
    if (this.#bytes < this.#maxBytes) return true;
    const [first] = this.#begun;
    return reading === first;
  }

  #count(reading: Reading, bytes: number): void {
    this.#begun.add(reading);
    reading.bytes += bytes;
    this.#bytes += bytes;
  }

  #hold(reading: Reading): void {
    if (this.#unread.has(reading)) return;
    this.#unread.add(reading);
    reading.onHold(true);
  }

  #end(reading: Reading): void {
    if (reading.isOver) return;
    reading.isOver = true;
    this.#bytes -= reading.bytes;
    this.#begun.delete(reading);
    this.#unread.delete(reading);
    if (this.#unread.size === 0 || this.#isWaking) return;
    this.#isWaking = true;
    // Not in this turn: undici's parser is within another answer.
    setImmediate(() => this.#wake());
  }

  /** Answers that have begun go first, because they fill the memory. */
  #wake(): void {
    this.#isWaking = false;
    for (const reading of [...this.#begun, ...this.#unread]) {
      if (!this.#unread.has(reading)) continue;
      if (!this.#hasRoomFor(reading)) return;
      this.#unread.delete(reading);
      reading.onHold(false);
      reading.readOn();
    }
  }
}
