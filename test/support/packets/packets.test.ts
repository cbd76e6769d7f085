import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withSimulator } from '../../simulator/calling.ts';
import { payloadOf } from './payload.ts';
import { PcapReader } from './pcap.ts';
import { judgeArrivals, startQuotaJudge } from './quota-judge.ts';
import { RequestArrivals } from './request-arrivals.ts';
import { captureNeed, startRequestCapture } from './request-capture.ts';

function captureFile(
  packets: readonly { readonly at: readonly [number, number]; readonly text: string }[],
): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b23c4d, 0);
  header.writeUInt32LE(1, 20);
  const records = packets.map(({ at: [seconds, nanoseconds], text }) => {
    const record = Buffer.alloc(16 + text.length, text, 'latin1');
    for (const [i, field] of [seconds, nanoseconds, text.length, text.length].entries()) {
      record.writeUInt32LE(field, i * 4);
    }
    record.write(text, 16, 'latin1');
    return record;
  });
  return Buffer.concat([header, ...records]);
}

function frame(protocol: number, transport: Buffer, words = 5): Buffer {
  const ip = Buffer.alloc(words * 4);
  ip.writeUInt8(0x40 | words, 0);
  ip.writeUInt8(protocol, 9);
  const ethernet = Buffer.alloc(14);
  ethernet.writeUInt16BE(0x0800, 12);
  return Buffer.concat([ethernet, ip, transport]);
}

function segment(sequence: number, text: string, words = 5): Buffer {
  const header = Buffer.alloc(words * 4);
  header.writeUInt16BE(43_210, 0);
  header.writeUInt32BE(sequence, 4);
  header.writeUInt8(words << 4, 12);
  return Buffer.concat([header, Buffer.from(text)]);
}

describe('a capture', () => {
  test('is read the same in whatever pieces it comes', () => {
    const packets = [
      { at: [1_800_000_000, 999_999_999], text: 'one' },
      { at: [1_800_000_001, 1], text: '' },
      { at: [1_800_000_001, 2], text: 'a longer one' },
    ] as const;
    const file = captureFile(packets);
    fc.assert(
      fc.property(fc.array(fc.nat(file.length)), (cuts) => {
        const reader = new PcapReader();
        const edges = [0, ...cuts.sort((a, b) => a - b), file.length];
        const read = edges.slice(1).flatMap((edge, i) => reader.add(file.subarray(edges[i], edge)));
        expect(
          read.map(({ seconds, nanoseconds, bytes }) => ({ at: [seconds, nanoseconds], text: `${bytes}` })),
        ).toEqual(packets);
      }),
    );
  });

  test('with microseconds, or of another kind of network, is refused', () => {
    const [coarse, other] = [captureFile([]), captureFile([])];
    coarse.writeUInt32LE(0xa1b2c3d4, 0);
    other.writeUInt32LE(113, 20);
    expect(() => new PcapReader().add(coarse)).toThrow('magic a1b2c3d4');
    expect(() => new PcapReader().add(other)).toThrow('link type 113');
  });

  test('gives what a packet carries behind headers of any length', () => {
    for (const words of [5, 8, 15]) {
      expect(payloadOf(frame(6, segment(4_000_000_000, 'POST', words), words))).toEqual({
        protocol: 'tcp',
        port: 43_210,
        sequence: 4_000_000_000,
        bytes: Buffer.from('POST'),
      });
    }
    expect(payloadOf(frame(17, Buffer.from('--------end')))).toEqual({
      protocol: 'udp',
      bytes: Buffer.from('end'),
    });
    expect(payloadOf(frame(1, Buffer.alloc(8)))).toBeNull();
    const arp = Buffer.alloc(42);
    arp.writeUInt16BE(0x0806, 12);
    expect(payloadOf(arp)).toBeNull();
  });

  test('counts a request once, at its first packet, however often TCP sends it', () => {
    const arrivals = new RequestArrivals();
    const add = (at: readonly [number, number], sequence: number, text: string) =>
      arrivals.add({
        seconds: at[0],
        nanoseconds: at[1],
        bytes: frame(6, segment(sequence, text)),
      });
    add([7, 500_000_001], 1, 'POST /v4/a HTTP/1.1');
    add([7, 600_000_000], 1, 'POST /v4/a HTTP/1.1');
    add([8, 2_000_000], 20, 'POST /v4/a HTTP/1.1');
    add([8, 3_000_000], 40, 'GET /_simulator/report HTTP/1.1');
    add([8, 4_000_000], 60, '{"From_Account":"POST /v4/"}');
    expect(arrivals.instants()).toEqual([500.000_001, 1_002]);
  });
});

test('a quota is judged in a window that slides, at full resolution', () => {
  const even = Array.from({ length: 1_000 }, (_, i) => i * 5);
  expect(judgeArrivals(even, 200)).toMatchObject({ calls: 1_000, fullestSecond: 200, overQuota: 0 });
  // The 201st comes a nanosecond before the first is a second old.
  const early = even.map((at, i) => (i === 200 ? at - 0.000_001 : at));
  expect(judgeArrivals(early, 200)).toMatchObject({ fullestSecond: 201, overQuota: 1 });
});

const needs = captureNeed === null ? '' : ` (${captureNeed})`;
describe.skipIf(captureNeed !== null)(`requests on their way to a simulator${needs}`, () => {
  const [count, spaceMs] = [60, 20];
  const script = fileURLToPath(new URL('spaced-requests.js', import.meta.url));

  /** The caller runs while this process, which serves, stands still. */
  function callWhileStanding(port: number): readonly (readonly [number, number])[] {
    const run = spawnSync(process.execPath, [script, ...[port, count, spaceMs].map(String)], {
      encoding: 'utf8',
    });
    expect(run.stderr).toBe('');
    return JSON.parse(run.stdout);
  }

  test('are stamped when they arrive, also while the simulator stands still', async () => {
    await using caller = await withSimulator();
    const { simulator } = caller;
    await using capture = await startRequestCapture(simulator.port);
    const written = callWhileStanding(simulator.port);
    await expect.poll(() => simulator.report().calls).toBe(count);
    const instants = await capture.stop();
    expect(instants).toHaveLength(count);
    const [first = 0] = instants;
    const [[firstBefore, firstAfter] = [0, 0]] = written;
    for (const [i, at] of instants.entries()) {
      const [before, after] = written[i] ?? [0, 0];
      // Each was stamped between the two readings around it; a reading loses up to a millisecond.
      expect(at - first).toBeGreaterThan(before - firstAfter - 2);
      expect(at - first).toBeLessThan(after - firstBefore + 2);
    }
  });

  test('pass a quota only in the eyes of a judge that does not know that it stood still', async () => {
    // More than ever come in a second, fewer than come in all.
    const rate = 51;
    await using caller = await withSimulator({ rate });
    const { simulator } = caller;
    // The judge watches from the first call on.
    await caller.page('user0000001');
    await using judge = await startQuotaJudge({ url: simulator.url, report: async () => simulator.report() });
    callWhileStanding(simulator.port);
    await expect.poll(() => simulator.report().calls).toBe(1 + count);
    const own = simulator.report();
    expect(own).toMatchObject({ overQuota: 0 });
    expect(own.notJudged).toBeGreaterThanOrEqual(count - rate);
    expect(own.stalls).toBeGreaterThanOrEqual(1);
    expect(own.longestStallMs).toBeGreaterThan(1_000);
    expect(await judge.verdict()).toMatchObject({ judge: 'kernel', calls: count, overQuota: 0 });
  });
});
