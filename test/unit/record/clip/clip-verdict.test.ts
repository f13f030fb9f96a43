import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChildExit } from '../../../../src/record/child/child.ts';
import { judgeClip } from '../../../../src/record/clip/clip-verdict.ts';

const WELL: ChildExit = { code: 0, signal: null, rung: 'end_of_input', stderr: '', memory: undefined };
const KILLED: ChildExit = { code: null, signal: 'SIGKILL', rung: 'none', stderr: '', memory: undefined };
const DISK: ChildExit = {
  code: 1,
  signal: null,
  rung: 'none',
  stderr: 'frame\n[mp4] No space left on device\n',
  memory: undefined,
};

for (const end of ['duration', 'stopped', 'max_length'] as const) {
  test(`clip is ready as ${end} when ffmpeg ended well and every frame is stored`, () => {
    assert.deepEqual(judgeClip({ asked: end, exit: WELL, taken: 9, stored: 9 }), { state: 'ready', end });
  });
}

for (const end of ['shutdown', 'camera_lost', 'disk_failed'] as const) {
  test(`clip is interrupted as ${end}, though every frame is stored, as it is shorter than asked`, () => {
    assert.deepEqual(judgeClip({ asked: end, exit: WELL, taken: 9, stored: 9 }), { state: 'interrupted', end });
  });
}

test('clip is interrupted as ffmpeg_failed when ffmpeg ended well but a frame is missing in the file', () => {
  assert.deepEqual(judgeClip({ asked: 'duration', exit: WELL, taken: 9, stored: 8 }), {
    state: 'interrupted',
    end: 'ffmpeg_failed',
    detail: '8 of 9 frames are in the file',
  });
});

test('clip is interrupted as ffmpeg_failed when ffmpeg died and something plays, failed when nothing does', () => {
  const detail = 'ffmpeg was killed by SIGKILL; 5 of 9 frames are in the file';
  const interrupted = judgeClip({ asked: undefined, exit: KILLED, taken: 9, stored: 5 });
  assert.deepEqual(interrupted, { state: 'interrupted', end: 'ffmpeg_failed', detail });
  assert.equal(judgeClip({ asked: undefined, exit: KILLED, taken: 9, stored: 0 }).state, 'failed');
});

test('clip ends as disk_failed when ffmpeg names the disk', () => {
  assert.deepEqual(judgeClip({ asked: undefined, exit: DISK, taken: 9, stored: 5 }), {
    state: 'interrupted',
    end: 'disk_failed',
    detail: 'ffmpeg exited with code 1: frame | [mp4] No space left on device; 5 of 9 frames are in the file',
  });
});

test('clip ends as out_of_memory, with who killed it and why, when its ffmpeg went over its cap', () => {
  const use = { by: 'cgroup', capBytes: 80 * 2 ** 20, peakBytes: 80 * 2 ** 20, heldBytes: 0, cpuMs: 1 } as const;
  const overCap: ChildExit = { ...KILLED, memory: { ...use, killed: 'over_cap' } };
  assert.deepEqual(judgeClip({ asked: undefined, exit: overCap, taken: 9, stored: 5 }), {
    state: 'interrupted',
    end: 'out_of_memory',
    detail:
      'ffmpeg broke off: it was killed by the kernel as it wanted more than its 80 MB of memory (had 80 MB); ' +
      '5 of 9 frames are in the file',
  });
  const polled: ChildExit = { ...overCap, rung: 'sigkill', memory: { ...use, by: 'rss_poll', killed: 'over_cap' } };
  assert.match(judgeClip({ asked: 'stopped', exit: polled, taken: 9, stored: 5 }).detail!, /killed by cambox/);
  const exhausted: ChildExit = { ...KILLED, memory: { ...use, killed: 'no_memory_left' } };
  assert.match(judgeClip({ asked: undefined, exit: exhausted, taken: 9, stored: 5 }).detail!, /no memory left/);
});

test('clip keeps an end that was forced on it when ffmpeg had to be killed', () => {
  const exit: ChildExit = { ...KILLED, rung: 'sigkill' };
  assert.equal(judgeClip({ asked: 'shutdown', exit, taken: 9, stored: 5 }).end, 'shutdown');
  assert.equal(judgeClip({ asked: 'stopped', exit, taken: 9, stored: 5 }).end, 'ffmpeg_failed');
});

test('clip fails as no_frames when none came', () => {
  const exit: ChildExit = { ...WELL, code: 1, stderr: 'Invalid data found when processing input', memory: undefined };
  assert.equal(judgeClip({ asked: 'stopped', exit, taken: 0, stored: 0 }).end, 'no_frames');
});

test('clip fails as ffmpeg_failed, with its words, when ffmpeg gave up before the first frame', () => {
  const exit: ChildExit = {
    code: 1,
    signal: null,
    rung: 'none',
    stderr: "Unknown encoder 'libx264'",
    memory: undefined,
  };
  assert.deepEqual(judgeClip({ asked: undefined, exit, taken: 0, stored: 0 }), {
    state: 'failed',
    end: 'ffmpeg_failed',
    detail: "ffmpeg exited with code 1: Unknown encoder 'libx264'",
  });
});
