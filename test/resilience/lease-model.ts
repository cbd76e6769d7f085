import type { Clock } from '../../src/resilience/clock.ts';
import type { Lease, LeaseRequest, SlotLeases } from '../../src/resilience/slot-leases.ts';
import { NOT_THROTTLED, type Throttle, throttleRatio } from '../../src/resilience/throttle.ts';

type Row = {
  nextAt: number;
  leasedAt: number;
  pausedUntil: number;
  marginMs: number;
  throttle: Throttle;
  isLimited: boolean;
};

const LEAD_MS = 1_000;
const LEASE_MS = 50;
const IDLE_MS = 10_000;

/** The quota of a database, on a clock that a test moves. Its own clock is ahead of that, and the test may set it. */
export class LeaseModel implements SlotLeases {
  readonly #clock: Clock;
  readonly #way: () => readonly [thereMs: number, backMs: number];
  #row: Row | null = null;
  #aheadMs = 1_000_000;
  #isAvailable = true;
  /** All requests that arrived. */
  readonly requests: LeaseRequest[] = [];
  /** The instants of all slots, on the clock that the test moves. */
  readonly instants: number[] = [];

  /** @param way how long the next request and its answer are on their way, ms */
  constructor(clock: Clock, way: () => readonly [thereMs: number, backMs: number] = () => [0, 0]) {
    this.#clock = clock;
    this.#way = way;
  }

  setClock(byMs: number): void {
    this.#aheadMs += byMs;
  }

  setAvailable(isAvailable: boolean): void {
    this.#isAvailable = isAvailable;
  }

  /** As after a crash of the server. */
  loseRow(): void {
    this.#row = null;
  }

  async lease(request: LeaseRequest): Promise<Lease | null> {
    const [thereMs, backMs] = this.#way();
    await this.#wait(thereMs);
    if (!this.#isAvailable) return null;
    this.requests.push(request);
    const lease = this.#answer(request, this.#clock.now() + this.#aheadMs);
    await this.#wait(backMs);
    return lease;
  }

  async #wait(ms: number): Promise<void> {
    if (ms > 0) await new Promise<void>((resolve) => this.#clock.schedule(resolve, ms));
  }

  #answer(request: LeaseRequest, now: number): Lease {
    const { slots: wanted, calls, periodMs, start, pauseMs } = request;
    const isNew = this.#row === null;
    const row = this.#row ?? {
      nextAt: Number.POSITIVE_INFINITY,
      leasedAt: now,
      pausedUntil: Number.NEGATIVE_INFINITY,
      marginMs: 0,
      throttle: NOT_THROTTLED,
      isLimited: false,
    };
    this.#row = row;
    if (pauseMs > 0) row.pausedUntil = Math.max(row.pausedUntil, now + pauseMs);
    if (row.pausedUntil <= now) row.pausedUntil = Number.NEGATIVE_INFINITY;
    row.pausedUntil = Math.min(row.pausedUntil, now + 60_000);
    const cut = request.throttle;
    row.throttle = { ...row.throttle, at: Math.min(row.throttle.at, now) };
    if (isNew || row.nextAt < now - IDLE_MS) {
      row.throttle = { ...start, at: now };
      row.isLimited = false;
    } else if (cut !== null && now - cut.sentMsAgo > row.throttle.at) {
      row.throttle = { factor: cut.factor, recoveryMs: cut.recoveryMs, at: now };
      row.isLimited = true;
    }
    row.marginMs = Math.max(request.marginMs, row.marginMs - Math.max(0, now - row.leasedAt) / 1000);
    row.leasedAt = now;
    const intervalMs = (periodMs + row.marginMs) / calls / throttleRatio(row.throttle, now);
    const latest = now + LEAD_MS + Math.max(2 * LEASE_MS, intervalMs);
    row.nextAt = request.hasJumped ? latest : Math.min(row.nextAt, latest);
    const first = Math.max(now + request.answerMs, row.nextAt, row.pausedUntil);
    const slots =
      first > now + LEAD_MS ? 0 : Math.min(wanted, Math.max(1, Math.round(LEASE_MS / intervalMs)));
    if (slots > 0) row.nextAt = first + slots * intervalMs;
    for (let n = 0; n < slots; n += 1) this.instants.push(first + n * intervalMs - this.#aheadMs);
    const { marginMs, throttle, isLimited, pausedUntil } = row;
    const shown = slots === 0 ? first - LEAD_MS : first;
    return { now, slots, first: shown, intervalMs, marginMs, throttle, isLimited, pausedUntil };
  }
}
