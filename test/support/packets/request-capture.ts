import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { LineWatch } from '../line-watch.ts';
import { PcapReader } from './pcap.ts';
import { REQUEST_START, RequestArrivals } from './request-arrivals.ts';

/** The requests that arrive at a server of this machine, by the kernel's time stamps of their packets. */
export interface RequestCapture extends AsyncDisposable {
  /**
   * Ends the capture; gives the instants at which requests arrived, in order, ms since the whole second of the first.
   * @throws {Error} when the instants cannot be trusted: the kernel dropped packets, or the clock was set meanwhile
   */
  stop(): Promise<readonly number[]>;
}

const LOOPBACK = 'lo';
const POST_AS_NUMBER = '0x504f5354';
const PAYLOAD_START = '(tcp[12] & 0xf0) >> 2';
// The longest headers of IPv4 and TCP, and what a request begins with.
const BYTES_OF_A_PACKET = 14 + 60 + 60 + REQUEST_START.length;
// Two readings of clocks that count whole milliseconds differ by less.
const CLOCK_READING_MS = 3;

/** The need of a capture that this machine does not meet, for the name of a skipped test; null when it meets all. */
export const captureNeed: string | null =
  // It opens the interface, and lists the kinds of headers that it has.
  spawnSync('tcpdump', ['-i', LOOPBACK, '-L']).status === 0
    ? null
    : 'needs apt-get install tcpdump, and root or CAP_NET_RAW';

/** Starts to capture what arrives at a port of 127.0.0.1 in plain HTTP. @throws {Error} with what tcpdump wrote */
export async function startRequestCapture(port: number): Promise<RequestCapture> {
  const requests = `tcp dst port ${port} and tcp[${PAYLOAD_START}:4] = ${POST_AS_NUMBER}`;
  const child = spawn(
    'tcpdump',
    [
      ...['-i', LOOPBACK, '--time-stamp-precision=nano', '--immediate-mode', '-U', '-w', '-'],
      ...['-s', String(BYTES_OF_A_PACKET), `(${requests}) or udp dst port ${port}`],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const closed = once(child, 'close');
  closed.catch(() => {});
  const lines = new LineWatch();
  child.stderr.setEncoding('utf8').on('data', lines.source());
  child.once('error', ({ message }) => lines.end(message));
  child.once('close', (code) => lines.end(`tcpdump ended (${code})`));
  const reader = new PcapReader();
  const arrivals = new RequestArrivals();
  let markerSeen: () => void = () => {};
  const marker = new Promise<void>((resolve, reject) => {
    markerSeen = resolve;
    child.once('close', (code) => reject(new Error(`tcpdump ended (${code}) during the capture`)));
  });
  marker.catch(() => {});
  child.stdout.on('data', (piece: Buffer) => {
    for (const packet of reader.add(piece)) if (arrivals.add(packet).isDatagram) markerSeen();
  });
  const end = async (): Promise<void> => {
    child.kill();
    await closed;
  };
  await lines.waitFor(/listening on/);
  const offset = clockOffset();
  return {
    stop: async () => {
      // Packets come in order: when this one is here, all before it are.
      await sendMarker(port);
      await marker;
      await end();
      const [, dropped] = await lines.waitFor(/^(\d+) packets dropped by kernel/);
      if (dropped !== '0')
        throw new Error(`the capture is not whole: ${dropped} packets dropped by the kernel`);
      const shift = clockOffset() - offset;
      if (Math.abs(shift) > CLOCK_READING_MS) {
        throw new Error(`the machine's clock was set by ${shift} ms during the capture`);
      }
      return arrivals.instants();
    },
    [Symbol.asyncDispose]: end,
  };
}

/** A datagram to the same port, where nothing listens. */
async function sendMarker(port: number): Promise<void> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve, reject) => {
    socket.send('end', port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)));
  });
  socket.close();
}

/** How far the wall clock, by which the kernel stamps, is ahead of the monotonic one, ms. */
function clockOffset(): number {
  // A pause between two readings makes the difference smaller: the largest one is right.
  return Math.max(...Array.from({ length: 20 }, () => Date.now() - performance.now()));
}
