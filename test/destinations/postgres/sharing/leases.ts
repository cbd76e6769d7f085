import { SlotLeaseRow } from '../../../../src/destinations/postgres/sharing/slot-lease-row.ts';
import type { Lease, LeaseRequest } from '../../../../src/resilience/slot-leases.ts';
import { whenOver } from '../../../support/when-over.ts';
import { app } from '../../samples.ts';

const RATE = 200;
const MARGIN_MS = 14;
export const INTERVAL_MS = (1_000 + MARGIN_MS) / RATE;

/** A worker's leases in a schema, which end with the test. */
export function leaseRow(url: string, schema: string, endpoint = 'https://api.test'): SlotLeaseRow {
  const row = new SlotLeaseRow({ url, name: 'postgres://test', schema, sdkAppId: app, endpoint });
  whenOver(() => row.close());
  return row;
}

/** A request for ten slots, with what a test changes in it. */
export const request = (change: Partial<LeaseRequest> = {}): LeaseRequest => ({
  slots: 10,
  answerMs: 0,
  calls: RATE,
  periodMs: 1_000,
  marginMs: MARGIN_MS,
  // At once at the whole rate: tests of the pace at the start say so.
  start: { factor: 1, recoveryMs: 0 },
  throttle: null,
  pauseMs: 0,
  hasJumped: false,
  ...change,
});

/** The instants of a lease's slots, ms. */
export const instants = ({ slots, first, intervalMs }: Lease): readonly number[] =>
  Array.from({ length: slots }, (_, n) => first + n * intervalMs);

/** The lease of slots, however often it has to be asked for. @throws when the database is unavailable */
export async function granted(row: SlotLeaseRow, change: Partial<LeaseRequest> = {}): Promise<Lease> {
  for (;;) {
    const lease = await row.lease(request(change));
    if (lease === null) throw new Error('the database is unavailable');
    if (lease.slots > 0) return lease;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, lease.first - lease.now)));
  }
}

/** The shortest time between two slots, ms. */
export function shortest(slots: readonly number[]): number {
  const times = [...slots].sort((a, b) => a - b);
  return Math.min(...times.slice(1).map((time, n) => time - (times[n] ?? 0)));
}
