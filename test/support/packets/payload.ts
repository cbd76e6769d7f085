const ETHERNET_HEADER_BYTES = 14;
const IPV4 = 0x0800;
const TCP = 6;
const UDP = 17;
const UDP_HEADER_BYTES = 8;

export type Payload =
  | {
      readonly protocol: 'tcp';
      /** Of the sender. */
      readonly port: number;
      /** The place of the first byte in the sender's stream: the same when it is sent again. */
      readonly sequence: number;
      readonly bytes: Buffer;
    }
  | { readonly protocol: 'udp'; readonly bytes: Buffer };

/** The payload that a frame carries over TCP or UDP on IPv4, as far as it was captured; null for anything else. */
export function payloadOf(frame: Buffer): Payload | null {
  if (frame.readUInt16BE(12) !== IPV4) return null;
  const ip = frame.subarray(ETHERNET_HEADER_BYTES);
  const transport = ip.subarray((ip.readUInt8(0) & 0x0f) * 4);
  switch (ip.readUInt8(9)) {
    case TCP:
      return {
        protocol: 'tcp',
        port: transport.readUInt16BE(0),
        sequence: transport.readUInt32BE(4),
        bytes: transport.subarray((transport.readUInt8(12) >> 4) * 4),
      };
    case UDP:
      return { protocol: 'udp', bytes: transport.subarray(UDP_HEADER_BYTES) };
    default:
      return null;
  }
}
