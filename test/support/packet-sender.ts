import { createSocket } from 'node:dgram';
import { type RtpTicks, rtpTicks } from '../../src/base/units.ts';
import { walkJpeg } from '../../src/jpeg/walk.ts';
import { rtpJpegForm } from '../../src/rtp/jpeg-form.ts';
import { JpegPayloader } from '../../src/rtp/jpeg-payloader.ts';
import { goodbye } from '../../src/rtp/rtcp-goodbye.ts';
import { packetsOf } from './rtp-packets.ts';

const SSRC = 0x1234;

export interface SentPicture {
  readonly jpeg: Uint8Array;
  readonly timestamp: number;
  /** Leave the tables out and send this Q in every packet instead of 255. */
  readonly q?: number;
}

/**
 * The packets of pictures, as a sender of other habits than ours would make them. `firstSequence` is chosen so that the
 * numbers wrap.
 */
export function packetsOfPictures(pictures: readonly SentPicture[], packetBytes = 1400): Uint8Array[] {
  const payloader = new JpegPayloader({ ssrc: SSRC, firstSequence: 0xfff0, packetBytes });
  return pictures.flatMap(({ jpeg, timestamp, q }) => {
    const layout = walkJpeg(jpeg);
    const form = typeof layout === 'string' ? layout : rtpJpegForm(layout, jpeg);
    if (typeof form === 'string') throw new Error(`not for RTP: ${form}`);
    const ticks: RtpTicks = rtpTicks(timestamp);
    const packets = packetsOf(payloader.packetize(form, jpeg, ticks), jpeg);
    return q === undefined ? packets : packets.map((packet, i) => withQ(packet, q, i === 0));
  });
}

const Q_AT = 17;
const TABLES_AT = 20;
const TABLES_BYTES = 132;

function withQ(packet: Uint8Array, q: number, hasTables: boolean): Uint8Array {
  const changed = Buffer.from(packet);
  changed[Q_AT] = q;
  if (!hasTables) return changed;
  return Buffer.concat([changed.subarray(0, TABLES_AT), changed.subarray(TABLES_AT + TABLES_BYTES)]);
}

/** Send packets to 127.0.0.1, a few each millisecond, then say goodbye. */
export async function sendPackets(packets: readonly Uint8Array[], port: number): Promise<void> {
  const socket = createSocket('udp4');
  const send = (bytes: Uint8Array, to: number): Promise<void> =>
    new Promise((resolve, reject) =>
      socket.send(bytes, to, '127.0.0.1', (error) => (error ? reject(error) : resolve())),
    );
  try {
    for (const [i, packet] of packets.entries()) {
      await send(packet, port);
      if (i % 8 === 7) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await send(goodbye(SSRC), port + 1);
  } finally {
    socket.close(); // left open, it would hold up the test process
  }
}
