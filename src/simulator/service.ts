import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendCut, sendHtml, sendJson, sendOversized, sendTruncated } from './answer.ts';
import { fraction, Purpose } from './dice.ts';
import { FaultChoice } from './fault-choice.ts';
import { jsonText } from './json-text.ts';
import { Judge } from './judge.ts';
import { kindOf } from './kind.ts';
import type { Fault, SimulatorOptions } from './options.ts';
import { Pages } from './page.ts';
import { refusal } from './refusal.ts';
import { readBody } from './request.ts';
import { type RequestHead, refuseHead } from './url-checks.ts';
import { userIndex } from './user-id.ts';
import { UserSigCheck } from './user-sig.ts';

const MAX_BODY_CHARACTERS = 1_000_000;

/** An answer before it is sent: the code it carries and its JSON. */
interface Outcome {
  code: number;
  body: string;
}

/** The API: judges, checks, and answers or fails each call. */
export class Service {
  readonly #options: SimulatorOptions;
  readonly #userSigs: UserSigCheck;
  readonly #pages: Pages;
  readonly #dropSockets: () => void;
  #faults: FaultChoice;
  judge = new Judge();

  /** `options` may change between calls. `dropSockets` destroys every client's socket. */
  constructor(options: SimulatorOptions, dropSockets: () => void) {
    this.#options = options;
    this.#dropSockets = dropSockets;
    this.#userSigs = new UserSigCheck(options.secretKey);
    this.#pages = new Pages(options);
    this.#faults = new FaultChoice(options);
  }

  /** Forgets all calls: the next one is the first. */
  reset(): void {
    this.judge = new Judge();
    this.#faults = new FaultChoice(this.#options);
  }

  /** Takes a call whose headers have just arrived. */
  handle(request: IncomingMessage, response: ServerResponse, head: RequestHead): void {
    const { judge } = this;
    const inWindow = judge.arrive(head.at);
    const call = judge.calls;
    if (this.#faults.isDown(call, judge.secondsAt(head.at))) {
      judge.injected('down');
      this.#goDown(response);
      return;
    }
    if (inWindow > this.#options.rate) {
      judge.refusedOverQuota();
      this.#answer(call, response, this.#refuse(this.#options.overRateCode, call));
      return;
    }
    this.#userSigs.useSecretKey(this.#options.secretKey);
    const refused = refuseHead(head, this.#options, this.#userSigs);
    if (refused !== 0) {
      this.#answer(call, response, this.#refuse(refused, call));
      return;
    }
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      if (body.length <= MAX_BODY_CHARACTERS) body += chunk;
    });
    request.on('end', () => this.#serve(call, response, body, judge.secondsAt(head.at)));
  }

  #serve(call: number, response: ServerResponse, body: string, seconds: number): void {
    const asked = readBody(body);
    if (typeof asked === 'number') {
      this.#answer(call, response, this.#refuse(asked, call));
      return;
    }
    const fault = this.#faults.choose(call, seconds, asked.user);
    if (fault === null) {
      this.#answer(call, response, this.#pageFor(asked.user, asked.startIndex, call));
      return;
    }
    this.judge.injected(fault);
    if (/^\d+$/.test(fault)) this.#answer(call, response, this.#refuse(Number(fault), call));
    else this.#fail(call, response, fault, this.#pageFor(asked.user, asked.startIndex, call));
  }

  #pageFor(user: string, startIndex: number, call: number): Outcome {
    const options = this.#options;
    const index = userIndex(user, options.oddUserIds);
    if (index === null || index >= options.users) return this.#refuse(50001, call);
    const kind = kindOf(options, index);
    if (kind.name === 'not_in_app' || kind.name === 'failed') return this.#refuse(kind.code, call);
    const page = this.#pages.page(index, kind, startIndex);
    return page === null ? this.#refuse(50002, call) : { code: 0, body: jsonText(page) };
  }

  #refuse(code: number, call: number): Outcome {
    return { code, body: refusal(code, call % 4 === 0) };
  }

  #answer(call: number, response: ServerResponse, outcome: Outcome): void {
    this.#later(call, response, () => {
      this.judge.answered(outcome.code);
      sendJson(response, outcome.body);
    });
  }

  #fail(call: number, response: ServerResponse, fault: Fault, outcome: Outcome): void {
    if (fault === 'down') {
      this.#goDown(response);
      return;
    }
    if (fault === 'stall') {
      const { stallMs } = this.#options;
      if (stallMs === null) return;
      this.#after(stallMs, response, () => this.#answer(call, response, outcome));
      return;
    }
    this.#later(call, response, () => {
      if (fault === 'reset') response.socket?.resetAndDestroy();
      else if (fault === 'cut') sendCut(response, outcome.body);
      else if (fault === 'garbage') sendHtml(response, 200);
      else if (fault === 'truncatedJson') sendTruncated(response, outcome.body);
      else if (fault === 'oversized') sendOversized(response, outcome.body);
      else sendHtml(response, Number(fault.slice('http'.length)));
    });
  }

  #goDown(response: ServerResponse): void {
    this.#dropSockets();
    // A socket that has read the report before is spared otherwise, and its call would wait for ever.
    response.socket?.destroy();
  }

  #later(call: number, response: ServerResponse, act: () => void): void {
    const [min, max] = this.#options.latency;
    if (max === 0) {
      act();
      return;
    }
    const ms = min + (max - min) * fraction(this.#options.seed, Purpose.latency, call);
    this.#after(Math.round(ms), response, act);
  }

  #after(ms: number, response: ServerResponse, act: () => void): void {
    setTimeout(() => {
      if (!response.destroyed) act();
    }, ms).unref();
  }
}
