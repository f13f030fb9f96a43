import { type ReceptionResult, receive } from '../app/reception.ts';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import type { FrameStore } from '../record/pictures/frame-store.ts';
import { PictureFolder } from '../record/pictures/picture-folder.ts';
import { isVideoFile, VideoFile } from '../record/pictures/video-file.ts';
import { type CliCommand, type CliIo, EXIT, type ExitCode, UsageError } from './cli-command.ts';
import { durationOption, none, numberOption, readOptions } from './options.ts';
import { receiveFrom } from './receive-from.ts';

export const RECEIVE: CliCommand = {
  name: 'receive',
  summary: 'receive an RTP/JPEG stream, count what is lost, and store it',
  usage: `cambox receive --port N | --sdp FILE [options]

  --port N              listen here for RTP (payload type 26), and for RTCP on the next port
  --sdp FILE            listen where this session description says, and decrypt with the key in it
  --srtp-key-file FILE  decrypt with the key in it: the sender's file
  --interface NAME      hear the multicast group of the description by this network interface (as routed)
  --no-reports          do not tell the sender how its stream arrives (RTCP)
  --frames N            stop after N frames
  --seconds S           stop after S seconds
  --idle S              stop when no packet has come for S seconds
  --out FOLDER          store every frame: FOLDER/000001.jpg and so on
  --out FILE.mkv|.mp4   store a video with the sender's timestamps, the JPEGs as they are
  --encode              encode the video with libx264 instead
  --ffmpeg PROGRAM      which ffmpeg writes the video (ffmpeg)
  --json                the summary as one JSON object

Ends by itself when the sender says goodbye (RTCP BYE). A goodbye is one packet and may get lost, and a sender that dies
says none: --idle, --seconds or --frames end it then. Exits with 0 when every frame arrived, 1 when something was lost,
refused or not stored, 2 when no frame came.`,

  async run(args, io): Promise<ExitCode> {
    const { values, positionals } = readOptions(args, {
      port: { type: 'string' },
      sdp: { type: 'string' },
      'srtp-key-file': { type: 'string' },
      interface: { type: 'string' },
      'no-reports': { type: 'boolean' },
      frames: { type: 'string' },
      seconds: { type: 'string' },
      idle: { type: 'string' },
      out: { type: 'string' },
      encode: { type: 'boolean' },
      ffmpeg: { type: 'string' },
      json: { type: 'boolean' },
    });
    none(positionals);
    const frames = numberOption('frames', values.frames, { least: 1, most: Number.MAX_SAFE_INTEGER, whole: true });
    const seconds = durationOption('seconds', values.seconds);
    const idleSeconds = durationOption('idle', values.idle);
    const from = await receiveFrom(values, io.env['CREDENTIALS_DIRECTORY']);
    await using store = await openStore(values.out, values.encode ?? false, values.ffmpeg ?? 'ffmpeg');
    const logger = io.logger('stderr', 'warn');
    const limits = { frames, seconds, idleSeconds };
    const deps = { clock: SYSTEM_CLOCK, logger, random: Math.random, signal: io.signal };
    const isOfOneSize = values.out !== undefined && isVideoFile(values.out);
    const result = await receive({ from, ...limits, store, isOfOneSize }, deps);
    const storing = await Promise.allSettled([store?.finish()]);
    const code = report(result, store, values.out, values.json ?? false, io);
    for (const outcome of storing) if (outcome.status === 'rejected') throw outcome.reason;
    return code;
  },
};

async function openStore(out: string | undefined, encode: boolean, ffmpeg: string): Promise<FrameStore | undefined> {
  if (out !== undefined && isVideoFile(out)) {
    return VideoFile.open({ path: out, encoder: encode ? 'libx264' : 'copy', ffmpeg }, SYSTEM_CLOCK);
  }
  if (encode) throw new UsageError('--encode needs --out FILE.mkv or --out FILE.mp4');
  return out === undefined ? undefined : PictureFolder.open(out);
}

function report(
  { ended, receiver, unstored }: ReceptionResult,
  store: FrameStore | undefined,
  out: string | undefined,
  json: boolean,
  io: CliIo,
): ExitCode {
  const { user, system } = process.cpuUsage();
  const { counts, senderReport, srtp, reports, otherPayloads } = receiver;
  const notStored = (store?.refused ?? 0) + unstored.total;
  const summary = {
    ...counts,
    jitter_ms: Math.round(counts.jitter_ms * 1000) / 1000,
    ...(store && { out, stored: store.stored, not_stored: notStored }),
    ...(notStored > 0 && { not_stored_why: { ...unstored.toJSON(), ...notTaken(store) } }),
    ...(otherPayloads.counts.total > 0 && { ignored_payload_types: otherPayloads.counts }),
    ended,
    ssrc: receiver.ssrc ?? null,
    ...(srtp && { srtp_refused: srtp.refused, srtcp_refused: srtp.refusedRtcp }),
    ...(senderReport && { sender_packets: senderReport.packets, sender_octets: senderReport.octets }),
    ...(reports && { reports_sent: reports.sent, reports_unsent: reports.unsent }),
    rcvbuf_bytes: receiver.receiveBufferBytes,
    kernel_drops: receiver.kernelDrops ?? null,
    socket_errors: receiver.socketErrors,
    cpu_ms: Math.round((user + system) / 1000),
  };
  if (json) io.print(JSON.stringify(summary));
  else for (const [key, value] of Object.entries(summary)) io.print(`${key.padEnd(17)} ${JSON.stringify(value)}`);
  if (counts.frames === 0 || ended === 'socket_failed') return EXIT.failure;
  const flawless = counts.lost_packets + counts.lost_frames + counts.refused.total + notStored === 0;
  return flawless ? EXIT.ok : EXIT.warning;
}

/** What the disk or ffmpeg did not take, being too slow or broken. */
const notTaken = (store: FrameStore | undefined): { not_taken?: number } =>
  store === undefined || store.refused === 0 ? {} : { not_taken: store.refused };
