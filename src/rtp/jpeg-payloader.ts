import { nextSequence, type RtpTicks } from '../base/units.ts';
import type { RtpJpegForm } from './jpeg-form.ts';
import { JPEG_MAIN_HEADER_BYTES, Q_DYNAMIC, TYPE_420, writeJpegMainHeader } from './jpeg-main-header.ts';
import { QUANT_SECTION_BYTES, writeJpegQuantSection } from './jpeg-quant-header.ts';
import { JPEG_RESTART_HEADER_BYTES, writeJpegRestartHeader } from './jpeg-restart-header.ts';
import { LARGE_PICTURE_EXTENSION_BYTES, writeLargePictureExtension } from './large-picture-extension.ts';
import { PacketPlan } from './packet-plan.ts';
import { announceExtension, JPEG_PAYLOAD_TYPE, RTP_HEADER_BYTES, writeRtpHeader } from './rtp-header.ts';

/** Headers of the longest kind of packet: a large frame's first one, with restart header and tables. */
const MOST_HEADER_BYTES =
  RTP_HEADER_BYTES +
  LARGE_PICTURE_EXTENSION_BYTES +
  JPEG_MAIN_HEADER_BYTES +
  JPEG_RESTART_HEADER_BYTES +
  QUANT_SECTION_BYTES;
/** The smallest packet that moves a frame on: all headers and one byte of the scan. */
export const LEAST_PACKET_BYTES = MOST_HEADER_BYTES + 1;

export interface PayloaderOptions {
  /** RFC 3550 §5.1: random, 32 bits. */
  readonly ssrc: number;
  /** Sequence number of the first packet: random, 16 bits. */
  readonly firstSequence: number;
  /** RTP packet bytes, all headers included: at least LEAST_PACKET_BYTES. */
  readonly packetBytes: number;
}

/**
 * Cuts pictures into RTP packets (RFC 2435 §3.1). All packets of a frame have exactly `packetBytes` bytes but for the
 * last one, also the first, which carries the tables and so less of the scan: that is what UDP segmentation offload
 * asks for. It keeps nothing between frames but the sequence number.
 */
export class JpegPayloader {
  /** The packets of the frame packetised last; overwritten by the next one. */
  readonly plan = new PacketPlan();
  readonly ssrc: number;
  /** May change between frames: another path, another MTU. */
  packetBytes: number;
  #sequence: number;

  constructor({ ssrc, firstSequence, packetBytes }: PayloaderOptions) {
    this.ssrc = ssrc;
    this.packetBytes = packetBytes;
    this.#sequence = firstSequence;
  }

  /** Sequence number of the next packet. */
  get nextSequence(): number {
    return this.#sequence;
  }

  /** Fill `plan` with the packets of one frame. */
  packetize(form: RtpJpegForm, picture: Uint8Array, timestamp: RtpTicks): PacketPlan {
    const { plan, ssrc, packetBytes } = this;
    const { type, width8, height8, restartInterval, largeSize, scanStart, scanEnd } = form;
    const restartBytes = restartInterval > 0 ? JPEG_RESTART_HEADER_BYTES : 0;
    const plainBytes = RTP_HEADER_BYTES + JPEG_MAIN_HEADER_BYTES + restartBytes;
    const firstBytes = QUANT_SECTION_BYTES + (largeSize === undefined ? 0 : LARGE_PICTURE_EXTENSION_BYTES);
    const packets = Math.ceil((scanEnd - scanStart + firstBytes) / (packetBytes - plainBytes));
    plan.reserve(packets, packets * plainBytes + firstBytes);

    const { headers, headersView, headerAt, headerLength, payloadAt, payloadLength, octets } = plan;
    let sequence = this.#sequence;
    let at = 0;
    let from = scanStart;
    for (let i = 0; i < packets; i++) {
      const start = at;
      const isLast = i === packets - 1;
      writeRtpHeader(headersView, at, JPEG_PAYLOAD_TYPE, isLast, sequence, timestamp, ssrc);
      at += RTP_HEADER_BYTES;
      if (i === 0 && largeSize !== undefined) {
        announceExtension(headersView, start);
        writeLargePictureExtension(headersView, at, largeSize, (type & TYPE_420) === 0 ? 1 : 2);
        at += LARGE_PICTURE_EXTENSION_BYTES;
      }
      const rtpPayloadStart = at;
      writeJpegMainHeader(headersView, at, from - scanStart, type, Q_DYNAMIC, width8, height8);
      at += JPEG_MAIN_HEADER_BYTES;
      if (restartInterval > 0) {
        writeJpegRestartHeader(headersView, at, restartInterval);
        at += JPEG_RESTART_HEADER_BYTES;
      }
      if (i === 0) {
        writeJpegQuantSection(headers, at, picture, form.lumaTableAt, form.chromaTableAt);
        at += QUANT_SECTION_BYTES;
      }
      const length = isLast ? scanEnd - from : packetBytes - (at - start);
      headerAt[i] = start;
      headerLength[i] = at - start;
      payloadAt[i] = from;
      payloadLength[i] = length;
      octets[i] = at - rtpPayloadStart + length;
      from += length;
      sequence = nextSequence(sequence);
    }
    this.#sequence = sequence;
    plan.count = packets;
    return plan;
  }
}
