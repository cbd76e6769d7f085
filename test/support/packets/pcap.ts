/** A packet of a capture, as far as it was kept. */
export type Packet = {
  /** When the kernel took it, seconds since 1970, and nanoseconds of that second. */
  readonly seconds: number;
  readonly nanoseconds: number;
  /** From its Ethernet header on. */
  readonly bytes: Buffer;
};

// The layout: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/
const FILE_HEADER_BYTES = 24;
const PACKET_HEADER_BYTES = 16;
const NANOSECOND_MAGIC = 0xa1b23c4d;
const ETHERNET = 1;

/** Reads a capture with nanoseconds, of this machine's byte order (little-endian), piece by piece. */
export class PcapReader {
  #rest: Buffer = Buffer.alloc(0);
  #hasHeader = false;

  /** The packets that are whole with this piece. @throws {Error} when it is not such a capture */
  add(piece: Buffer): readonly Packet[] {
    this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    if (!this.#hasHeader) {
      if (this.#rest.length < FILE_HEADER_BYTES) return [];
      this.#readHeader(this.#rest);
      this.#rest = this.#rest.subarray(FILE_HEADER_BYTES);
      this.#hasHeader = true;
    }
    const packets: Packet[] = [];
    for (;;) {
      if (this.#rest.length < PACKET_HEADER_BYTES) return packets;
      const end = PACKET_HEADER_BYTES + this.#rest.readUInt32LE(8);
      if (this.#rest.length < end) return packets;
      packets.push({
        seconds: this.#rest.readUInt32LE(0),
        nanoseconds: this.#rest.readUInt32LE(4),
        bytes: this.#rest.subarray(PACKET_HEADER_BYTES, end),
      });
      this.#rest = this.#rest.subarray(end);
    }
  }

  #readHeader(header: Buffer): void {
    const [magic, linkType] = [header.readUInt32LE(0), header.readUInt32LE(20) & 0xffff];
    if (magic !== NANOSECOND_MAGIC || linkType !== ETHERNET) {
      throw new Error(
        `not a capture of Ethernet with nanoseconds: magic ${magic.toString(16)}, link type ${linkType}`,
      );
    }
  }
}
