import assert from 'node:assert/strict';
import { monoUs, rtpTicks } from '../../../src/base/units.ts';
import { type RtcpPacket, readRtcp, rtcpCompound } from '../../../src/rtp/rtcp-compound.ts';
import { goodbye } from '../../../src/rtp/rtcp-goodbye.ts';
import type { ReportBlock } from '../../../src/rtp/rtcp-report-block.ts';
import { receiverReport, senderReport } from '../../../src/rtp/rtcp-reports.ts';
import { sourceDescription } from '../../../src/rtp/rtcp-source-description.ts';
import { RemoteReceivers } from '../../../src/stream/remote-receivers.ts';
import { SentReports } from '../../../src/stream/sent-reports.ts';
import { joined, mutateManyTimes, splice } from '../mutate-bytes.ts';
import { Random } from '../random.ts';
import { ACCEPTED, type FuzzTarget } from '../target.ts';

const NOW = monoUs(60_000_000);
const COMPACT_NTP = 0x12345678;
const MAX_CNAME_CHARACTERS = 255;

/** RTCP of receivers and senders: what is read fits its fields, and the picture that it gives of the receivers is sane. */
export const rtcpTarget: FuzzTarget = {
  name: 'rtcp',
  share: 1,
  reasons: ['unreadable'],
  open() {
    const compounds = makeCompounds();
    return {
      make(random) {
        const compound = random.pick(compounds);
        const other = random.pick(compounds);
        const bytes = random.oneIn(4)
          ? splice(compound, other, random)
          : joined(compound, random.oneIn(4) ? other : NONE);
        return mutateManyTimes(bytes, random);
      },
      check: checkCompound,
    };
  },
};

const NONE = new Uint8Array(0);

function makeCompounds(): Uint8Array[] {
  const random = new Random(0, 'rtcp');
  const block = (): ReportBlock => ({
    ssrc: random.pick([7, random.u32()]),
    fractionLost: random.below(256),
    cumulativeLost: random.pick([0, -1, -(2 ** 23), 2 ** 23 - 1]),
    highestSequence: random.u32(),
    jitter: random.pick([0, 3000, 2 ** 32 - 1]),
    lastSenderReport: random.pick([0, COMPACT_NTP, random.u32()]),
    delaySinceLastSenderReport: random.pick([0, 65_536, 2 ** 32 - 1]),
  });
  const figures = { ntp: { seconds: 1, fraction: 2 }, timestamp: rtpTicks(3), packets: 4, octets: 5 };
  return [0, 1, 2, 31].flatMap((count) => {
    const blocks = Array.from({ length: count }, block);
    return [
      rtcpCompound(senderReport(7, figures, blocks), sourceDescription(7, 'camera@box')),
      rtcpCompound(
        receiverReport(count, blocks),
        sourceDescription(count, 'x'.repeat(random.below(300))),
        goodbye(count),
      ),
    ];
  });
}

function checkCompound(datagram: Uint8Array): string {
  const packets = readRtcp(datagram);
  if (packets === undefined) return 'unreadable';
  assert.ok(packets.length >= 1 && packets.length <= datagram.length / 4, 'more packets than there can be');
  const sent = new SentReports();
  sent.note(COMPACT_NTP, monoUs(59_000_000));
  const receivers = new RemoteReceivers();
  for (const packet of packets) {
    assertPacket(packet);
    if ('blocks' in packet) for (const block of packet.blocks) receivers.note(packet.ssrc, block, NOW, sent);
  }
  const quality = receivers.quality();
  if (quality === undefined) return ACCEPTED;
  const { lossPct, lostPackets, jitterMs, rttMs = 0 } = quality;
  for (const figure of [lossPct, lostPackets, jitterMs, rttMs]) {
    assert.ok(figure >= 0 && Number.isFinite(figure), `a figure of the receivers is ${figure}`);
  }
  assert.ok(lossPct < 100 && rttMs <= 1000);
  return ACCEPTED;
}

function assertPacket(packet: RtcpPacket): void {
  if (packet.kind === 'other') return;
  if (packet.kind === 'goodbye') {
    assert.ok(packet.ssrcs.length <= 31 && packet.ssrcs.every(isWord));
  } else if (packet.kind === 'source_description') {
    assert.ok(packet.sources.length <= 31);
    for (const { ssrc, cname } of packet.sources) assert.ok(isWord(ssrc) && cname.length <= MAX_CNAME_CHARACTERS);
  } else {
    assert.ok(isWord(packet.ssrc) && packet.blocks.length <= 31);
    for (const { fractionLost, cumulativeLost, ...words } of packet.blocks) {
      assert.ok(fractionLost <= 255 && Math.abs(cumulativeLost) <= 2 ** 23);
      assert.ok(Object.values(words).every(isWord));
    }
  }
}

const isWord = (value: number): boolean => Number.isInteger(value) && value >= 0 && value < 2 ** 32;
