import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { cutLocally, type LocalCut } from '../../../src/app/editing/cut-locally.ts';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import type { CutClip } from '../../../src/record/cut/cut-order.ts';
import {
  AAC,
  AS_COPIED,
  AS_RECORDED,
  beepsIn,
  H264,
  KEYS_3S,
  makeNumberedFile,
  numbersFrom,
  SIZE,
} from '../../support/numbered-file.ts';
import { numbersIn } from '../../support/numbered-video.ts';
import { streamFacts } from '../../support/recorder-rig.ts';

const folder = mkdtempSync(join(tmpdir(), 'cambox-cut-'));
after(() => rmSync(folder, { recursive: true }));

const FPS = 30;
const FRAMES = 360;
/** An AAC frame at 48 kHz, and what decoders need to get loud. */
const SOUND_TOLERANCE_S = 0.025;

const VIDEO = [...H264, ...KEYS_3S];
/** What people and cambox record. */
const FORMS = {
  'plain.mp4': { args: [...VIDEO, ...AAC], audio: true },
  'milliseconds.mkv': { args: [...VIDEO, ...AAC], audio: true },
  'late-start.ts': { args: [...VIDEO, ...AAC, '-muxdelay', '3'], audio: true },
  'encoded-by-cambox.mp4': {
    args: [...H264.slice(0, 4), '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '30'].concat([...AS_RECORDED]),
  },
  'copied-by-cambox.mp4': {
    args: ['-c:v', 'copy', ...AS_COPIED],
  },
  'copied-by-cambox.mkv': { args: ['-c:v', 'copy'] },
  'motion-jpeg.avi': { args: ['-c:v', 'copy'] },
  'one-key-frame.mp4': { args: [...H264, '-g', '100000', '-sc_threshold', '0', ...AAC], audio: true },
  'open-groups.mp4': { args: [...VIDEO, '-x264-params', 'open-gop=1', ...AAC], audio: true },
} as const satisfies Record<string, { readonly args: readonly string[]; readonly audio?: boolean }>;

before(() => {
  for (const [name, form] of Object.entries(FORMS)) {
    makeNumberedFile(join(folder, name), { frames: FRAMES, fps: FPS, ...form });
  }
});

async function cut(name: string, parts: Partial<LocalCut>): Promise<CutClip[]> {
  const out = mkdtempSync(join(folder, 'out-'));
  const outcomes = await cutLocally(
    {
      ...{ input: join(folder, name), ranges: [], out, accuracy: 'copy', crf: 23, jobs: 2, memoryMb: 512 },
      ...{ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe', ...parts },
    },
    { clock: SYSTEM_CLOCK, signal: new AbortController().signal, onProgress: () => undefined },
  );
  assert.deepEqual(
    readdirSync(out).filter((file) => !file.endsWith('.mp4')),
    [],
    'nothing half-written is left',
  );
  return outcomes.map((outcome) => {
    assert.ok(outcome.ok, JSON.stringify(outcome));
    return outcome.clip;
  });
}

const shown = ({ path }: CutClip): (number | undefined)[] => numbersIn(path, SIZE.width, SIZE.height);

for (const name of Object.keys(FORMS)) {
  for (const accuracy of ['copy', 'exact'] as const) {
    test(`${accuracy} of ${name} shows exactly the pictures of each range`, async () => {
      const ranges = [
        { startUs: 0, durationUs: 1_500_000 },
        { startUs: 3_966_667, durationUs: 1_333_333 },
        { startUs: 5_000_000, durationUs: 2_000_000 },
        { startUs: 10_500_000, durationUs: undefined },
      ];
      const clips = await cut(name, { accuracy, ranges });
      assert.deepEqual(clips.map(shown), [
        numbersFrom(0, 45),
        numbersFrom(119, 159),
        numbersFrom(150, 210),
        numbersFrom(315, 360),
      ]);
      for (const clip of clips) {
        assert.deepEqual(clip.warnings, []);
        assert.equal(clip.frames, shown(clip).length, 'what is told is what is shown');
      }
    });
  }
}

for (const name of Object.keys(FORMS)) {
  test(`neighbouring clips of ${name} share no picture and miss none, also where they do not begin on one`, async () => {
    const clips = await cut(name, { ranges: { everyUs: 1_710_000 } });
    assert.deepEqual(clips.flatMap(shown), numbersFrom(0, FRAMES));
  });
}

test('neighbouring clips that are encoded share no picture and miss none', async () => {
  const clips = await cut('plain.mp4', { accuracy: 'exact', ranges: { everyUs: 1_710_000 } });
  assert.deepEqual(clips.flatMap(shown), numbersFrom(0, FRAMES));
});

for (const name of ['plain.mp4', 'milliseconds.mkv', 'late-start.ts'] as const) {
  for (const accuracy of ['copy', 'exact'] as const) {
    test(`${accuracy} of ${name} keeps the sound where it was`, async () => {
      const [clip] = await cut(name, { accuracy, ranges: [{ startUs: 4_500_000, durationUs: 4_000_000 }] });
      assert.equal(clip!.audio, 'copied');
      const beeps = beepsIn(clip!.path);
      assert.equal(beeps.length, 4, String(beeps));
      beeps.forEach((at, i) => {
        assert.ok(Math.abs(at - (i + 0.5)) <= SOUND_TOLERANCE_S, `beep at ${at} s`);
      });
    });
  }
}

test('copy tells how much it hides, exact hides nothing', async () => {
  const ranges = [{ startUs: 4_000_000, durationUs: 1_000_000 }];
  const [copied] = await cut('plain.mp4', { ranges });
  assert.deepEqual([copied!.hidden_lead_in_ms, copied!.hidden_frames, copied!.duration_ms], [1000, 30, 1000]);
  const [exact] = await cut('plain.mp4', { ranges, accuracy: 'exact' });
  assert.deepEqual([exact!.hidden_lead_in_ms, exact!.hidden_frames, exact!.duration_ms], [0, 0, 1000]);
});

test('copies of H.265 are named as every player takes them, and show the same', async () => {
  const args = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'keyint=30:open-gop=0:log-level=error'];
  for (const name of ['high-efficiency.mp4', 'high-efficiency.ts']) {
    makeNumberedFile(join(folder, name), { frames: 90, fps: FPS, args: [...args, '-pix_fmt', 'yuv420p'] });
    const ranges = [{ startUs: 500_000, durationUs: 1_000_000 }];
    const [copied] = await cut(name, { ranges });
    assert.equal(streamFacts(copied!.path, 'codec_tag_string')['codec_tag_string'], 'hvc1', name);
    assert.deepEqual(shown(copied!), numbersFrom(15, 45), name);
    const [exact] = await cut(name, { ranges, accuracy: 'exact' });
    assert.equal(streamFacts(exact!.path, 'codec_tag_string')['codec_tag_string'], 'avc1', name);
  }
});
