import { Api } from 'tls-sig-api-v2';
import { Agent, request } from 'undici';
import { defaultOptions, type SimulatorOptions } from '../../src/simulator/options/options.ts';
import type { ArrivalClock } from '../../src/simulator/service/arrival-clock.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';

export const sign = (
  identifier = defaultOptions.identifier,
  sdkAppId = defaultOptions.sdkAppId,
  key = defaultOptions.secretKey,
  expire = 86_400,
): string => new Api(sdkAppId, key).genUserSig(identifier, expire);

export interface Page {
  ActionStatus: string;
  ErrorCode: number;
  ErrorInfo: string;
  ContactItem?: Record<string, unknown>[] | null;
  GroupItem?: Record<string, unknown>[] | null;
  CompleteFlag?: number;
  NextStartIndex?: number;
}

export interface Call {
  method?: 'GET' | 'POST';
  path?: string;
  /** Whole query; else `parameters` over sound ones, where null takes one away. */
  query?: string;
  parameters?: Record<string, string | null>;
  body?: unknown;
}

export interface Caller extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly dispatcher: Agent;
  /** The raw answer. */
  send(call?: Call): Promise<{ status: number; text: string; date: string }>;
  /** The answer's JSON. */
  call(call?: Call): Promise<Page>;
  page(user: string, startIndex?: number): Promise<Page>;
  /** All pages of a user. */
  pages(user: string): Promise<Page[]>;
}

/** A clock for a simulator. It stands still until the test moves it, so calls come at the same instant on any machine. */
export class StoppedClock implements ArrivalClock {
  #ms = 0;
  /** The next call is seen after the simulator stood still for so long. */
  stallMs = 0;

  now(): number {
    return this.#ms;
  }

  earliest(at: number): number {
    return at - this.stallMs;
  }

  advance(ms: number): void {
    this.#ms += ms;
  }

  close(): void {}
}

/** Starts a simulator without a tight quota and a client for it. */
export const withSimulator = async (
  options: Partial<SimulatorOptions> = {},
  clock?: StoppedClock,
): Promise<Caller> => {
  const simulator = await startSimulator({ rate: 1_000_000, ...options }, clock);
  const dispatcher = new Agent({ connections: 16, pipelining: 1 });
  const usersig = sign();
  const send = async ({ method = 'POST', path, query, parameters, body }: Call = {}) => {
    const sound: Record<string, string | null> = {
      sdkappid: '1400000000',
      identifier: 'administrator',
      usersig,
      random: '4294967295',
      contenttype: 'json',
      ...parameters,
    };
    const pairs = Object.entries(sound).filter(([, value]) => value !== null);
    const search = query ?? pairs.map(([name, value]) => `${name}=${value}`).join('&');
    const answer = await request(
      `${simulator.url}${path ?? '/v4/recentcontact/get_contact_group'}?${search}`,
      {
        method,
        dispatcher,
        ...(method === 'POST' && { body: typeof body === 'string' ? body : JSON.stringify(body ?? {}) }),
      },
    );
    const date = String(answer.headers.date);
    return { status: answer.statusCode, text: await answer.body.text(), date };
  };
  const call = async (what?: Call): Promise<Page> => JSON.parse((await send(what)).text) as Page;
  const page = (user: string, startIndex = 0) =>
    call({ body: { From_Account: user, StartIndex: startIndex } });
  const pages = async (user: string): Promise<Page[]> => {
    const all: Page[] = [];
    let next = 0;
    do {
      const answer = await page(user, next);
      if (answer.ErrorCode !== 0) throw new Error(`${user}: ${answer.ErrorCode} ${answer.ErrorInfo}`);
      all.push(answer);
      next = answer.CompleteFlag === 1 ? 0 : (answer.NextStartIndex ?? 0);
    } while (next !== 0);
    return all;
  };
  return {
    simulator,
    dispatcher,
    send,
    call,
    page,
    pages,
    [Symbol.asyncDispose]: async () => {
      await dispatcher.destroy();
      await simulator.close();
    },
  };
};
