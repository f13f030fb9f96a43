import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cambox, DaemonRig } from '../../support/daemon-rig.ts';
import { decodedFrames } from '../../support/recorder-rig.ts';

test('clip start waits for the clip, says what became of it, and how much of the past was there', async () => {
  await using rig = new DaemonRig();
  const daemon = rig.start();
  await daemon.line('camera_streaming');
  const options = ['--pre', '60s', '--duration', '1s', '--encoder', 'copy', '--label', 'gate'];
  const { code, stdout, stderr } = await rig.ask('clip', 'start', 'front', ...options);
  assert.equal(code, 0, stderr);
  const [, path, frames] = /^ready +(\S+\.mp4) {2}[\d.]+ s, (\d+) frames, /.exec(stdout.toString())!;
  assert.equal(decodedFrames(path!), Number(frames));
  assert.match(stdout.toString(), /\n {2}of the past \d\.\d s were there/);
});

test('clip start --detach prints the id at once; clip stop ends the clip after its post-roll', async () => {
  await using rig = new DaemonRig();
  const daemon = rig.start();
  await daemon.line('camera_streaming');
  const started = await rig.ask('clip', 'start', 'front', '--detach', '--post', '0.5s', '--encoder', 'copy');
  assert.equal(started.code, 0, started.stderr);
  const id = started.stdout.toString().trim();
  const { clips } = JSON.parse((await rig.ask('status', '--json')).stdout.toString()).health;
  const [ffmpeg, ...others] = clips.ffmpeg;
  assert.deepEqual([ffmpeg.clip, ffmpeg.mem_max_mb > ffmpeg.mem_peak_mb, others, clips.oom_kills], [id, true, [], 0]);
  const other = await rig.ask('clip', 'stop', 'front', 'other');
  assert.equal(other.code, 2);
  assert.match(other.stderr, new RegExp(`records others: ${id}`));
  assert.equal(other.stderr.match(/Cannot /g)?.length, 1, other.stderr);
  const { code, stdout, stderr } = await rig.ask('clip', 'stop', 'front', id, '--json');
  assert.equal(code, 0, stderr);
  const [clip] = JSON.parse(stdout.toString()).clips;
  assert.deepEqual([clip.clip, clip.state, clip.end], [id, 'ready', 'stopped']);
  assert.ok(existsSync(join(rig.clipsDir, `${id}.mp4`)));
});

for (const [args, words] of [
  [['clip'], /COMMAND is missing/],
  [['clip', 'pause'], /there is no command clip pause/],
  [['clip', 'start'], /CAMERA is missing/],
  [['clip', 'start', 'front', '--duration', 'soon'], /--duration must be a duration/],
  [['clip', 'stop', 'front', 'a', 'b'], /one CLIP only: received also b/],
] as const) {
  test(`cambox ${args.join(' ')} is refused with what is allowed`, async () => {
    const { code, stderr } = await cambox(...args);
    assert.equal(code, 64);
    assert.match(stderr, words);
  });
}
