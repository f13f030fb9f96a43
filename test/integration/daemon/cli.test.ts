import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { readFrameNumber } from '../../../src/capture/synthetic/frame-number-code.ts';
import { CAMERA, cambox, DaemonRig } from '../../support/daemon-rig.ts';
import { exifOf } from '../../support/exiftool.ts';
import { decodeLuma } from '../../support/jpegs.ts';
import { openUdpReceiver } from '../../support/udp-receiver.ts';

test('snapshot of a running camera is a picture that ffmpeg decodes, with its frame number', async () => {
  await using rig = new DaemonRig();
  const daemon = rig.start();
  await daemon.line('camera_streaming');
  const output = join(rig.folder, 'shot.jpg');
  const askedAt = Date.now();
  const { code, stderr } = await rig.ask('snapshot', 'front', '-o', output);
  assert.equal(code, 0, stderr);
  const jpeg = readFileSync(output);
  const [luma] = decodeLuma(jpeg, 320, 240);
  assert.notEqual(readFrameNumber(luma!, 320, 240), undefined);
  const exif = exifOf(jpeg);
  assert.equal(exif['IFD0:ImageDescription'], 'front @ cambox');
  const [date, time] = String(exif['Composite:SubSecDateTimeOriginal']).split(' ');
  const ageMs = askedAt - Date.parse(`${date!.replaceAll(':', '-')}T${time}`);
  assert.ok(ageMs < 1500, `the picture was taken ${ageMs} ms before it was asked for`);
});

test('snapshot works without a daemon on a source of its own', async () => {
  const { code, stdout } = await cambox('snapshot', 'synthetic:160x120', '-o', '-');
  assert.equal(code, 0);
  assert.equal(decodeLuma(stdout, 160, 120).length, 1);
});

test('status shows the camera in words', async () => {
  await using rig = new DaemonRig();
  const daemon = rig.start();
  await daemon.line('ready');
  const { stdout } = await rig.ask('status');
  assert.match(stdout.toString(), /front {2}streaming {2}320x240 at 25 fps/);
});

test('status tells how long frames take from the camera to the network', async () => {
  await using receiver = await openUdpReceiver();
  await using rig = new DaemonRig();
  const daemon = rig.start({ cameras: [{ ...CAMERA, rtp: [{ host: '127.0.0.1', port: receiver.port }] }] });
  await daemon.line('camera_streaming');
  await receiver.received(3);
  const { latency } = JSON.parse((await rig.ask('status', '--json')).stdout.toString()).cameras.front;
  assert.ok(latency.frames > 0, JSON.stringify(latency));
  assert.ok(latency.p50_ms > 0 && latency.p50_ms <= latency.p99_ms && latency.p99_ms <= latency.max_ms);
  assert.match((await rig.ask('status')).stdout.toString(), /sent after [\d.]+ ms/);
});

test('status without a daemon exits with 2 and says where to look', async () => {
  const { code, stderr } = await cambox('status', '--socket', '/nowhere/control.sock');
  assert.equal(code, 2);
  assert.match(stderr, /systemctl status cambox/);
});

test('a command that does not exist is answered with the list and exit 64', async () => {
  const { code, stderr } = await cambox('strem');
  assert.equal(code, 64);
  assert.match(stderr, /no command strem[\s\S]*stream/);
});

const WRONG: readonly (readonly [args: string[], message: RegExp])[] = [
  [['stream'], /SOURCE is missing/],
  [['stream', 'synthetic'], /--to rtp:\/\/HOST:PORT is missing/],
  [['stream', 'synthetic', '--to', 'udp://x'], /received udp:\/\/x/],
  [['stream', 'synthetic', '--to', 'rtp://127.0.0.1:5004', '--fps', 'fast'], /--fps must be a number.*received fast/],
  [['stream', 'synthetic', '--to', 'rtp://127.0.0.1:5004', '--mtu', '100'], /mtu|MTU/],
  [['stream', 'synthetic:0x0', '--to', 'rtp://127.0.0.1:5004'], /synthetic:0x0/],
  [['stream', 'synthetic', '--to', 'rtp://127.0.0.1:5004', '--colour'], /--colour/],
  [
    ['stream', 'synthetic', '--to', 'rtp://a:1', '--to', 'rtp://b:2'],
    /--to can be .* once only: received rtp:..a:1 and rtp:..b:2/,
  ],
  [['receive', '--port', '5004', '--port', '5006'], /--port can be given once only: received 5004 and 5006/],
  [['snapshot', 'synthetic', '-o', 'a.jpg', '--output=b.jpg'], /--output can be given once only/],
  [['run'], /--config FILE is missing/],
];
for (const [args, message] of WRONG) {
  test(`cambox ${args.join(' ')} exits with 64 and says what is wrong`, async () => {
    const { code, stderr } = await cambox(...args);
    assert.equal(code, 64, stderr);
    assert.match(stderr, message);
  });
}

test('stream of a file with broken pictures sends the whole ones, counts the rest and exits with 1', async () => {
  await using rig = new DaemonRig();
  const { stdout: picture } = await cambox('snapshot', 'synthetic:160x120', '-o', '-');
  const file = join(rig.folder, 'mixed.mjpeg');
  writeFileSync(file, Buffer.concat([picture, picture.subarray(0, -300), picture]));
  const { code, stdout } = await cambox('stream', file, '--to', 'rtp://127.0.0.1:15099', '--unpaced', '--json');
  const { frames, dropped } = JSON.parse(stdout.toString());
  assert.equal(frames, 2);
  assert.deepEqual(dropped, { no_eoi: 1 });
  assert.equal(code, 1);
});

test('stream ends with 2 and says what to do when its session description cannot be written', async () => {
  const to = ['--to', 'rtp://127.0.0.1:15099', '--frames', '3'];
  const { code, stderr } = await cambox('stream', 'synthetic:160x120', ...to, '--sdp', '/nowhere/front.sdp');
  assert.equal(code, 2, stderr);
  assert.match(stderr, /^cambox stream: Cannot write \/nowhere\/front.sdp as ENOENT.*Give --sdp a file in a folder/m);
  assert.doesNotMatch(stderr, /at .*\.ts/);
});

test('devices answers on a machine without a camera', async () => {
  const { code, stdout } = await cambox('devices', '--json');
  assert.ok(code === 0 || code === 1);
  assert.ok(Array.isArray(JSON.parse(stdout.toString())));
});

for (const command of ['devices', 'status', 'doctor', 'run']) {
  test(`cambox ${command} takes no argument beside its options`, async () => {
    const { code, stderr } = await cambox(command, 'extra');
    assert.equal(code, 64);
    assert.match(stderr, /unexpected: extra/);
  });
}

for (const args of [['devices'], ['snapshot', 'synthetic:640x480', '-o', '-']]) {
  test(`cambox ${args[0]} ends quietly when nobody reads on`, { timeout: 30_000 }, async () => {
    const child = spawn(process.execPath, ['src/main.ts', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    assert.deepEqual([code, stderr], [0, '']);
  });
}
