import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { FleetConsole } from '../support/fleet-console.ts';
import { NumberedReceiver } from '../support/numbered-receiver.ts';
import { until } from '../support/until.ts';
import type { DemoBox } from './box.ts';

/** How the demo's own exercise went; printed as one JSON object. */
export interface ExerciseReport {
  readonly ok: boolean;
  /** What does not hold, in words; empty when all is well. */
  readonly failures: readonly string[];
  readonly seconds: number;
  readonly frames: {
    readonly captured: number;
    readonly sent: number;
    readonly packets: number;
    readonly octets: number;
  };
  readonly receiver: {
    readonly program: 'ffmpeg';
    readonly first_frame: number;
    readonly last_frame: number;
    readonly frames_seen: number;
    /** Frames sent from the first one that the receiver saw: must equal `frames_seen`. */
    readonly frames_sent_since: number;
  };
  readonly clip: Readonly<Record<string, unknown>>;
  readonly snapshot: Readonly<Record<string, unknown>>;
  readonly mqtt: Readonly<Record<string, unknown>>;
  readonly stop: { readonly exit: number | string; readonly took_ms: number };
}

const PRE_ROLL_S = 3;

interface Counted {
  readonly frames: number;
  readonly packets: number;
  readonly octets: number;
}

/** Runs the box for so long: one clip and one snapshot by MQTT, an ffmpeg receiver, a clean stop. */
export async function exercise(box: DemoBox, seconds: number): Promise<ExerciseReport> {
  const endsAt = performance.now() + seconds * 1000;
  const { camera, daemon } = box;
  await using operator = new FleetConsole(box.broker.port, box.id);
  await daemon.line('camera_streaming', { camera: camera.id });
  await until('the session description is written', () => existsSync(box.sdpPath));
  await using receiver = new NumberedReceiver(box.sdpPath, camera.width, camera.height);
  await until(`ffmpeg sees a frame (${receiver.complaints})`, () => receiver.numbers.length > 0);

  await sleep(Math.min(PRE_ROLL_S * 1000, (endsAt - performance.now()) / 3)); // the ring fills
  const duration_s = Math.max(1, Math.floor((endsAt - performance.now()) / 2000));
  const clipId = operator.publish('clip.start', { camera: camera.id, pre_s: PRE_ROLL_S, duration_s, label: 'demo' });
  const snapshotId = operator.publish('snapshot', { camera: camera.id });
  const snapshot = await operator.answer('snapshot', snapshotId);
  const clip = await operator.answer('clip.start', clipId, (duration_s + 15) * 1000);
  await sleep(Math.max(0, endsAt - performance.now()));

  const { exit, tookMs } = await daemon.stop();
  const sent = (await daemon.line('stream_stopped', { camera: camera.id })) as unknown as Counted;
  const stopped = await daemon.line('camera_stopped', { camera: camera.id });
  await receiver.finish(box.port);

  const numbers = receiver.numbers;
  const first = numbers[0] ?? -1;
  const probed = probe(clip.result?.['path']);
  const report = {
    seconds,
    frames: { captured: Number(stopped['captured']), sent: sent.frames, packets: sent.packets, octets: sent.octets },
    receiver: {
      program: 'ffmpeg' as const,
      first_frame: first,
      last_frame: numbers.at(-1) ?? -1,
      frames_seen: numbers.length,
      frames_sent_since: sent.frames - first,
    },
    clip: { status: clip.status, ...clip.result, ...(clip.error && { error: clip.error }), ffprobe: probed },
    snapshot: { status: snapshot.status, ...snapshot.result, ...(snapshot.error && { error: snapshot.error }) },
    mqtt: {
      messages: operator.messages.length,
      status: operator.messages
        .filter(({ topic }) => topic === 'status')
        .map(({ payload }) => (payload as { state: string }).state),
      'clip.start': operator.states('clip.start', clipId),
      snapshot: operator.states('snapshot', snapshotId),
      topics: [...new Set(operator.messages.map(({ topic }) => topic))],
    },
    stop: { exit, took_ms: tookMs },
  };
  const inOrder = numbers.every((number, i) => number === first + i);
  const failures = failuresOf([
    ['every frame that was captured was sent', report.frames.captured === sent.frames],
    ['ffmpeg saw every frame sent since its first', inOrder && numbers.length === sent.frames - first],
    ['the clip succeeded', clip.status === 'succeeded'],
    ['ffprobe counts as many frames in the clip as were recorded', probed.frames === clip.result?.['frames']],
    ['the clip begins in the past', Number(clip.result?.['pre_roll_got_ms']) > 0],
    ['the snapshot succeeded', snapshot.status === 'succeeded'],
    ['the box said online, then offline', report.mqtt.status.join() === 'online,offline'],
    ['the daemon ended with 0 within 3 s', exit === 0 && tookMs <= 3000],
  ]);
  return { ok: failures.length === 0, failures, ...report };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const failuresOf = (claims: readonly (readonly [claim: string, holds: boolean])[]): string[] =>
  claims.filter(([, holds]) => !holds).map(([claim]) => `not so: ${claim}`);

/** What ffprobe finds in a clip, decoding it whole. */
function probe(path: unknown): { readonly frames: number; readonly duration_s: number } {
  if (typeof path !== 'string') return { frames: 0, duration_s: 0 };
  const entries = 'stream=nb_read_frames:format=duration';
  const args = [
    '-v',
    'error',
    '-count_frames',
    '-select_streams',
    'v:0',
    '-show_entries',
    entries,
    '-of',
    'json',
    path,
  ];
  const { streams, format } = JSON.parse(execFileSync('ffprobe', args, { encoding: 'utf8' }));
  return { frames: Number(streams[0].nb_read_frames), duration_s: Number(format.duration) };
}
