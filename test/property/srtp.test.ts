import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SrtcpContext } from '../../src/stream/srtp/srtcp-context.ts';
import { SrtpUnprotector } from '../../src/stream/srtp/srtp-unprotector.ts';
import { arrivals, type PacketFate } from '../support/lossy-network.ts';
import { hex, MASTER, protectedPackets, rtpPacket } from '../support/srtp-packets.ts';

const SSRC = 0xcafe;
const TWO_16 = 2 ** 16;
/** The replay list reaches so far back. */
const WINDOW = 128;

const fate: fc.Arbitrary<PacketFate> = fc.record({
  isLost: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
  isDoubled: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
  delay: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat({ max: WINDOW / 2 })),
});
interface Session {
  readonly payloads: Uint8Array[];
  readonly fates: PacketFate[];
  readonly firstIndex: number;
}

const session: fc.Arbitrary<Session> = fc.record({
  payloads: fc.array(fc.uint8Array({ maxLength: 100 }), { minLength: 1, maxLength: 200 }),
  fates: fc.array(fate, { minLength: 1, maxLength: 200 }),
  /** Most sessions come over a wrap. */
  firstIndex: fc.oneof(fc.nat({ max: TWO_16 - 1 }), fc.integer({ min: TWO_16 - 100, max: TWO_16 - 1 })),
});

test('whatever the network does, each packet that arrives is opened once, as it was, and every copy is refused', () => {
  const run = ({ payloads, fates, firstIndex }: Session): void => {
    const sent = protectedPackets(SSRC, firstIndex, payloads).map((packet, i) => ({ i, packet }));
    // The first packet arrives first: a receiver that only hears numbers that have wrapped has to look for how often.
    const first = { isLost: false, isDoubled: false, delay: -1 };
    const unprotector = new SrtpUnprotector(MASTER);
    const seen = new Set<number>();
    for (const { i, packet } of arrivals(sent, [first, ...sent.slice(1).map((_, n) => fates[n % fates.length]!)])) {
      const clear = unprotector.unprotect(packet);
      if (seen.has(i)) assert.equal(clear, 'replayed');
      else assert.equal(clearOf(clear), hex(rtpPacket(SSRC, (firstIndex + i) % TWO_16, payloads[i]!)));
      seen.add(i);
    }
  };
  fc.assert(fc.property(session, run), { numRuns: 200 });
});

const clearOf = (clear: Uint8Array | string): string => (typeof clear === 'string' ? clear : hex(clear));

test('random bytes, and true packets with random changes, are never opened and never throw', () => {
  const [rtp] = protectedPackets(SSRC, 7, [new Uint8Array(40)]) as [Uint8Array];
  const rtcp = new SrtcpContext(MASTER, SSRC).protect(new Uint8Array(28).fill(0x80));
  const change = fc.record({ of: fc.constantFrom(rtp, rtcp), at: fc.nat(), bits: fc.integer({ min: 1, max: 255 }) });
  const changed = change.map(({ of, at, bits }) => {
    const bytes = Uint8Array.from(of);
    bytes[at % bytes.length]! ^= bits;
    return bytes;
  });
  const headed = fc
    .tuple(fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 0x80, max: 0xbf }))
    .map(([bytes, first]) => {
      if (bytes.length > 0) bytes[0] = first;
      return bytes;
    });
  const unprotector = new SrtpUnprotector(MASTER);
  const context = new SrtcpContext(MASTER, 1);
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), headed, changed), (bytes) => {
      assert.equal(typeof unprotector.unprotect(bytes), 'string');
      assert.equal(typeof context.unprotect(bytes), 'string');
    }),
    { numRuns: 3000 },
  );
});
