import type { ServerResponse } from 'node:http';
import { fraction, Purpose } from '../content/prng.ts';
import type { Fault } from '../options/fault.ts';
import type { SimulatorOptions } from '../options/options.ts';
import { sendCut, sendHtml, sendJson, sendOversized, sendPlainText, sendTruncated } from './answer.ts';

/** Answers each call, after its latency, or produces its fault. */
export class Responder {
  readonly #options: SimulatorOptions;
  readonly #dropSockets: () => void;

  /** `options` may change between calls. `dropSockets` destroys every client's socket. */
  constructor(options: SimulatorOptions, dropSockets: () => void) {
    this.#options = options;
    this.#dropSockets = dropSockets;
  }

  /** Sends an answer after the latency of its call; `sent` is called when it is written. */
  answer(call: number, response: ServerResponse, body: string, sent: () => void): void {
    this.#later(call, response, () => {
      sent();
      sendJson(response, body);
    });
  }

  /** Replaces the answer of a call by a fault. `sent` is called when an answer is sent after all. */
  fail(call: number, response: ServerResponse, fault: Fault, body: string, sent: () => void): void {
    if (fault === 'down') {
      this.goDown(response);
      return;
    }
    if (fault === 'stall') {
      const { stallMs } = this.#options;
      if (stallMs === null) return;
      this.#after(stallMs, response, () => this.answer(call, response, body, sent));
      return;
    }
    this.#later(call, response, () => {
      if (fault === 'reset') response.socket?.resetAndDestroy();
      else if (fault === 'cut') sendCut(response, body);
      else if (fault === 'garbage') sendHtml(response, 200);
      else if (fault === 'truncatedJson') sendTruncated(response, body);
      else if (fault === 'oversized') sendOversized(response, body);
      else if (fault === 'plainText') sendPlainText(response, body);
      else sendHtml(response, Number(fault.slice('http'.length)));
    });
  }

  /** Destroys every client's socket, that of this call included. */
  goDown(response: ServerResponse): void {
    this.#dropSockets();
    // A socket that has read the report before is spared otherwise, and its call would wait for ever.
    response.socket?.destroy();
  }

  #later(call: number, response: ServerResponse, act: () => void): void {
    const { latency, seed } = this.#options;
    const [min, max] = latency;
    const send = (): void => {
      this.#date(response);
      act();
    };
    if (max === 0) send();
    else this.#after(Math.round(min + (max - min) * fraction(seed, Purpose.latency, call)), response, send);
  }

  /** Answers show the service's clock. */
  #date(response: ServerResponse): void {
    const { clockOffset } = this.#options;
    if (clockOffset !== 0)
      response.setHeader('Date', new Date(Date.now() + clockOffset * 1_000).toUTCString());
  }

  #after(ms: number, response: ServerResponse, act: () => void): void {
    setTimeout(() => {
      if (!response.destroyed) act();
    }, ms).unref();
  }
}
