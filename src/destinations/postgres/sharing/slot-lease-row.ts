import type pg from 'pg';
import type { Lease, LeaseRequest, SlotLeases } from '../../../resilience/slot-leases.ts';
import { withTimeout } from '../../../resilience/timeout.ts';
import { connect } from '../connect/connection.ts';
import { farewell } from '../connect/farewell.ts';
import {
  asPostgresError,
  isConnectionLoss,
  isContention,
  isReadOnly,
  ServerUnresponsive,
} from '../connect/server-errors.ts';
import { schemaTables } from '../schema/schema-tables.ts';
import { leaseStatement } from './lease-statement.ts';

export type SlotLeaseRowOptions = {
  readonly url: string;
  /** For messages: the URL without its password. */
  readonly name: string;
  readonly caFile?: string | null | undefined;
  readonly schema: string;
  readonly sdkAppId: number;
  /** The address of the API: each has a quota of its own. */
  readonly endpoint: string;
};

// A statement that takes longer is of no use: the slots that it leases are over. Its connection may be a dead one.
const ANSWERS_WITHIN_MS = 5_000;

/**
 * Slots leased from the row of `call_quota` for an app and an endpoint. The connection is its own, since a commit on the same one
 * would delay slots. It is opened when it is needed, and again after it was lost.
 */
export class SlotLeaseRow implements SlotLeases {
  readonly #options: SlotLeaseRowOptions;
  readonly #statement: string;
  #client: pg.Client | null = null;
  #isClosed = false;

  constructor(options: SlotLeaseRowOptions) {
    this.#options = options;
    this.#statement = leaseStatement(schemaTables(options.schema).callQuota);
  }

  /**
   * @returns null while the database is unavailable, and after `close`
   * @throws {DestinationError} when another try does not help; {InvalidDestination} when the URL or a file of it is wrong
   */
  async lease(request: LeaseRequest): Promise<Lease | null> {
    try {
      const client = await this.#connected();
      return client === null ? null : await this.#askOver(client, request);
    } catch (error) {
      void this.#drop();
      if (isConnectionLoss(error) || isReadOnly(error) || isContention(error)) return null;
      throw asPostgresError(error, this.#options.name);
    }
  }

  /** Closes the connection. Slots that were leased stay leased. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#drop();
  }

  async #connected(): Promise<pg.Client | null> {
    if (this.#isClosed || this.#client !== null) return this.#client;
    const { url, name, caFile } = this.#options;
    const client = await connect({ url, name, caFile, purpose: 'slots' });
    this.#client = client;
    // It was closed while the connection was being opened.
    if (this.#isClosed) await this.#drop();
    return this.#client;
  }

  async #askOver(client: pg.Client, request: LeaseRequest): Promise<Lease> {
    const { sdkAppId, endpoint } = this.#options;
    const { throttle, start } = request;
    const { rows } = await withTimeout(
      client.query<LeaseRow>({
        // The server plans it once for each connection.
        name: 'lease slots',
        text: this.#statement,
        values: [
          ...[sdkAppId, endpoint, request.slots, request.calls, request.periodMs, request.marginMs],
          ...[throttle?.factor, throttle?.recoveryMs, throttle?.sentMsAgo],
          ...[request.pauseMs, request.hasJumped, start.factor, start.recoveryMs, request.answerMs],
        ],
      }),
      {
        ms: ANSWERS_WITHIN_MS,
        onTimeout: () => {
          throw new ServerUnresponsive(`no answer within ${ANSWERS_WITHIN_MS / 1000} s`);
        },
      },
    );
    return toLease(rows[0]);
  }

  async #drop(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    if (client !== null) await farewell(client);
  }
}

/** The columns that the statement returns, by name. Instants are ms since 1970. */
type LeaseRow = Readonly<
  Record<
    | 'now'
    | 'slots'
    | 'first'
    | 'interval_ms'
    | 'margin_ms'
    | 'throttle_factor'
    | 'throttled_at'
    | 'throttle_recovery_ms'
    | 'paused_until',
    number
  >
> & { readonly is_rate_limited: boolean };

function toLease(row: LeaseRow | undefined): Lease {
  // A trigger or a rule of someone else's on the table.
  if (row === undefined) throw new Error('the statement that leases slots returned no row');
  return {
    now: row.now,
    slots: row.slots,
    first: row.first,
    intervalMs: row.interval_ms,
    marginMs: row.margin_ms,
    throttle: { factor: row.throttle_factor, at: row.throttled_at, recoveryMs: row.throttle_recovery_ms },
    isLimited: row.is_rate_limited,
    pausedUntil: row.paused_until,
  };
}
