import type { IncomingMessage, ServerResponse } from 'node:http';
import { jsonText } from '../content/json-text.ts';
import { Pages } from '../content/page.ts';
import { userIndex } from '../content/user-id.ts';
import { userProfile } from '../content/user-profile.ts';
import type { SimulatorOptions } from '../options/options.ts';
import { CallRecorder } from './call-recorder.ts';
import { FaultChoice } from './fault-choice.ts';
import { otherCallsBetween } from './other-calls.ts';
import { refusal } from './refusal.ts';
import { readPageRequest } from './request.ts';
import { Responder } from './responder.ts';
import { type RequestHead, refuseHead } from './url-checks.ts';
import { UserSigCheck } from './user-sig.ts';

const MAX_BODY_CHARACTERS = 1_000_000;

/** An answer before it is sent: the code it carries and its JSON. */
interface Outcome {
  code: number;
  body: string;
}

/** The API: counts, checks, and answers or fails each call. */
export class Service {
  readonly #options: SimulatorOptions;
  readonly #userSigs: UserSigCheck;
  readonly #pages: Pages;
  readonly #delivery: Responder;
  #faults: FaultChoice;
  recorder = new CallRecorder();

  /** `options` may change between calls. `dropSockets` destroys every client's socket. */
  constructor(options: SimulatorOptions, dropSockets: () => void) {
    this.#options = options;
    this.#delivery = new Responder(options, dropSockets);
    this.#userSigs = new UserSigCheck(options.secretKey);
    this.#pages = new Pages(options);
    this.#faults = new FaultChoice(options);
  }

  /** Drops the record of all calls: the next one is the first. */
  reset(): void {
    this.recorder = new CallRecorder();
    this.#faults = new FaultChoice(this.#options);
  }

  /** Takes a call when its headers arrive. */
  handle(request: IncomingMessage, response: ServerResponse, head: RequestHead): void {
    const { recorder } = this;
    const before = recorder.secondsAt(recorder.last);
    const certain = recorder.arrive(head.at, head.earliest);
    const call = recorder.calls;
    const seconds = recorder.secondsAt(head.at);
    recorder.othersCalled(otherCallsBetween(this.#options, before, seconds));
    if (this.#faults.isDown(call, seconds)) {
      recorder.injected('down');
      this.#delivery.goDown(response);
      return;
    }
    const left = this.#options.rate - otherCallsBetween(this.#options, seconds - 1, seconds);
    if (certain > left) {
      recorder.refusedOverQuota();
      this.#answer(call, response, this.#refuse(this.#options.overRateCode, call));
      return;
    }
    if (recorder.seenInLastSecond > left) recorder.didNotJudge();
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
    request.on('end', () => this.#serve(call, response, body, seconds));
  }

  #serve(call: number, response: ServerResponse, body: string, seconds: number): void {
    const asked = readPageRequest(body);
    if (typeof asked === 'number') {
      this.#answer(call, response, this.#refuse(asked, call));
      return;
    }
    const fault = this.#faults.choose(call, seconds, asked.user);
    if (fault === null) {
      this.#answer(call, response, this.#pageFor(asked.user, asked.startIndex, call));
      return;
    }
    this.recorder.injected(fault);
    if (/^\d+$/.test(fault)) {
      this.#answer(call, response, this.#refuse(Number(fault), call));
      return;
    }
    const { code, body: spoiled } = this.#pageFor(asked.user, asked.startIndex, call);
    this.#delivery.fail(call, response, fault, spoiled, () => this.recorder.answered(code));
  }

  #pageFor(user: string, startIndex: number, call: number): Outcome {
    const options = this.#options;
    const index = userIndex(user, options.oddUserIds);
    if (index === null || index >= options.users) return this.#refuse(50001, call);
    const kind = userProfile(options, index);
    if (kind.name === 'not_in_app' || kind.name === 'failed') return this.#refuse(kind.code, call);
    const page = this.#pages.page(index, kind, startIndex);
    return page === null ? this.#refuse(50002, call) : { code: 0, body: jsonText(page) };
  }

  #refuse(code: number, call: number): Outcome {
    return { code, body: refusal(code, call % 4 === 0) };
  }

  #answer(call: number, response: ServerResponse, { code, body }: Outcome): void {
    this.#delivery.answer(call, response, body, () => this.recorder.answered(code));
  }
}
