import { rtpTicks } from '../../src/base/units.ts';
import { walkJpeg } from '../../src/jpeg/walk.ts';
import { type RtpJpegForm, rtpJpegForm } from '../../src/rtp/jpeg-form.ts';
import { JpegPayloader, LEAST_PACKET_BYTES } from '../../src/rtp/jpeg-payloader.ts';
import { packetsOf } from '../support/rtp-packets.ts';
import { type Arrival, packArrivals } from './arrivals.ts';
import { partsOf } from './jpeg-parts.ts';
import { mutateFrame, mutatePacket, ssrcOf, withSequence, withSsrc } from './mutate-packet.ts';
import type { Random } from './random.ts';

interface Sendable {
  readonly bytes: Uint8Array;
  readonly form: RtpJpegForm;
}

/** What goes wrong on the way, once in so many packets; 0 is never. */
interface Weather {
  readonly lossOneIn: number;
  readonly doubleOneIn: number;
  readonly delayOneIn: number;
  readonly mutateOneIn: number;
  readonly noiseOneIn: number;
}

const SSRCS = [7, 8];
/** Of a whole picture, a window of packets, and the silence after which another source is heard. */
const PAUSES_MS = [1, 33, 99, 101, 999, 1001, 5000];

/** Makes RTP/JPEG sessions: pictures of one or two senders, as a bad network and bad senders deliver them. */
export class SessionMaker {
  readonly #sendable: readonly Sendable[];
  /** Marker segments for header extensions. */
  readonly #segments: readonly Uint8Array[];

  constructor(pictures: readonly Uint8Array[]) {
    this.#sendable = pictures.flatMap((bytes) => {
      const layout = walkJpeg(bytes);
      const form = typeof layout === 'string' ? layout : rtpJpegForm(layout, bytes);
      return typeof form === 'string' ? [] : [{ bytes, form }];
    });
    this.#segments = pictures.flatMap((bytes) => partsOf(bytes).segments);
  }

  next(random: Random): Uint8Array {
    const weather: Weather = {
      lossOneIn: random.pick([0, 0, 8, 40]),
      doubleOneIn: random.pick([0, 0, 8, 40]),
      delayOneIn: random.pick([0, 0, 3, 20]),
      mutateOneIn: random.pick([0, 0, 3, 30]),
      noiseOneIn: random.pick([0, 0, 0, 5]),
    };
    const isOdd = weather.mutateOneIn > 0;
    const packets = this.#stream(isOdd, random);
    const session = [
      () => packets,
      () => handover(packets, random),
      () => mingled(packets, this.#stream(isOdd, random), random),
    ];
    return packArrivals(arrivals(random.pick(session)(), weather, random));
  }

  /** The packets of some pictures of one sender. */
  #stream(isOdd: boolean, random: Random): Arrival[] {
    const payloader = new JpegPayloader({
      ssrc: random.pick(SSRCS),
      firstSequence: random.pick([0, 100, 0xffe0, 0xffff, random.below(0x10000)]),
      packetBytes: random.pick([LEAST_PACKET_BYTES, 300, 1472]),
    });
    const ticks = random.pick([0, 1, 3000, 3000, 3000, 2 ** 31]);
    let timestamp = random.pick([0, 0xffffffff, 0xfffffff0, 90_000]);
    const pictures = [random.pick(this.#sendable), random.pick(this.#sendable)];
    const packets: Uint8Array[] = [];
    for (let left = random.between(1, 4); left > 0; left--) {
      const { bytes, form } = random.pick(pictures);
      const frame = packetsOf(payloader.packetize(form, bytes, rtpTicks(timestamp)), bytes);
      packets.push(...(isOdd && random.oneIn(3) ? mutateFrame(frame, this.#segments, random) : frame));
      timestamp = (timestamp + ticks) % 2 ** 32;
    }
    return packets.map((packet) => ({ packet, afterMs: 0 }));
  }
}

/** Two streams at the same time, or one that breaks off for the other. */
function mingled(one: readonly Arrival[], other: readonly Arrival[], random: Random): Arrival[] {
  const [cut, entry] = [random.below(one.length + 1), random.below(other.length + 1)];
  if (random.oneIn(2)) return [...one.slice(0, cut), ...other.slice(entry)];
  const packets: Arrival[] = [];
  for (let [i, j] = [0, 0]; i < one.length || j < other.length; ) {
    const isOne = j >= other.length || (i < one.length && random.oneIn(2));
    packets.push(isOne ? one[i++]! : other[j++]!);
  }
  return packets;
}

/** A sender that starts anew in the midst of a picture: with another SSRC after a silence, or with other numbers. */
function handover(packets: readonly Arrival[], random: Random): Arrival[] {
  const at = random.below(packets.length);
  const isOther = random.oneIn(2);
  const heir = packets.slice(at).map(({ packet }, i) => ({
    packet: isOther ? withSsrc(packet, SSRCS[0]! + SSRCS[1]! - ssrcOf(packet)) : withSequence(packet, 20_000 + i),
    afterMs: i === 0 && isOther ? 1001 : 0,
  }));
  return [...packets.slice(0, at), ...heir];
}

function arrivals(packets: readonly Arrival[], weather: Weather, random: Random): Arrival[] {
  const happens = (oneIn: number): boolean => oneIn > 0 && random.oneIn(oneIn);
  const placed: (Arrival & { at: number })[] = [];
  for (const [i, { packet, afterMs }] of packets.entries()) {
    if (happens(weather.noiseOneIn)) placed.push({ at: i, packet: noise(random), afterMs: 0 });
    if (happens(weather.lossOneIn)) continue;
    const delay = happens(weather.delayOneIn) ? random.below(random.pick([3, 20, 90])) : 0;
    const arrived = happens(weather.mutateOneIn) ? mutatePacket(packet, random) : packet;
    placed.push({ at: i + delay, packet: arrived, afterMs: random.oneIn(30) ? random.pick(PAUSES_MS) : afterMs });
    if (happens(weather.doubleOneIn)) placed.push({ at: i + random.below(40), packet, afterMs: 0 });
  }
  return placed.sort((a, b) => a.at - b.at);
}

/** Any bytes, or those that begin like RTP. */
function noise(random: Random): Uint8Array {
  const bytes = random.bytes(random.below(random.pick([3, 40, 400])));
  if (random.oneIn(2)) bytes.set([0x80 | random.below(64), random.pick([26, 0x80 | 26, 200])].slice(0, bytes.length));
  return bytes;
}
