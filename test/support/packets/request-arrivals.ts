import { payloadOf } from './payload.ts';
import type { Packet } from './pcap.ts';

/** Every request to the API begins so. Its head is one segment with its body: undici writes both at once. */
export const REQUEST_START = Buffer.from('POST /v4/');
const MS_PER_SECOND = 1_000;
const NS_PER_MS = 1_000_000;

/** The instants at which requests arrived, of the packets to one port. */
export class RequestArrivals {
  readonly #packets: Packet[] = [];
  readonly #segments = new Set<string>();

  /** Takes any packet; says whether it is a datagram, which is none of the API's. */
  add(packet: Packet): { readonly isDatagram: boolean } {
    const payload = payloadOf(packet.bytes);
    if (
      payload?.protocol === 'tcp' &&
      payload.bytes.subarray(0, REQUEST_START.length).equals(REQUEST_START)
    ) {
      // TCP sends a segment again whose acknowledgement is late, as on a machine that is busy.
      const segment = `${payload.port} ${payload.sequence}`;
      if (!this.#segments.has(segment)) this.#packets.push(packet);
      this.#segments.add(segment);
    }
    return { isDatagram: payload?.protocol === 'udp' };
  }

  /** In order, ms since the whole second of the first. */
  instants(): readonly number[] {
    const since = this.#packets[0]?.seconds ?? 0;
    return this.#packets
      .map(({ seconds, nanoseconds }) => (seconds - since) * MS_PER_SECOND + nanoseconds / NS_PER_MS)
      .sort((a, b) => a - b);
  }
}
