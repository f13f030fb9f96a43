import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestOverSocket } from '../../../src/control/socket/request-over-socket.ts';
import { CAMERA, DaemonRig } from '../../support/daemon-rig.ts';
import { openUdpReceiver } from '../../support/udp-receiver.ts';

interface Described {
  readonly stream: string;
  readonly ssrc: number;
  readonly sdp: string;
}

test('stream.stop answers what a stream has sent, whether a command or the config started it', async () => {
  await using one = await openUdpReceiver();
  await using other = await openUdpReceiver();
  await using rig = new DaemonRig();
  const daemon = rig.start({ cameras: [{ ...CAMERA, rtp: [{ host: '127.0.0.1', port: one.port }] }] });
  await daemon.line('camera_streaming');
  const started = { camera: 'front', host: '127.0.0.1', port: other.port };
  assert.equal((await requestOverSocket(rig.socket, 'stream.start', started)).status, 'succeeded');
  for (const receiver of [one, other]) {
    await receiver.received(3);
    const answer = await requestOverSocket(rig.socket, 'stream.stop', { ...started, port: receiver.port });
    assert.equal(answer.status, 'succeeded', JSON.stringify(answer.error));
    const { stream, report } = answer.result as { stream: string; report: { packets: number; rtcp_port: number } };
    assert.equal(stream, `127.0.0.1:${receiver.port}`);
    assert.ok(report.packets >= 3 && report.rtcp_port > 0, JSON.stringify(report));
  }
});

test('stream.start answers how to receive the stream, and stream.list tells it again', async () => {
  await using receiver = await openUdpReceiver();
  await using rig = new DaemonRig();
  await rig.start().line('camera_streaming');
  const args = { camera: 'front', host: '127.0.0.1', port: receiver.port };
  const started = (await requestOverSocket(rig.socket, 'stream.start', args)).result as Described;
  const list = await requestOverSocket(rig.socket, 'stream.list', { camera: 'front' });
  const { streams } = list.result as { streams: Described[] };
  assert.deepEqual(
    streams.map(({ stream, ssrc }) => [stream, ssrc]),
    [[`127.0.0.1:${receiver.port}`, started.ssrc]],
  );
  for (const { sdp } of [started, ...streams]) assert.match(sdp, new RegExp(`^m=video ${receiver.port} `, 'm'));
});

test('stream.start sends to the last port when it is told to do without reports', async () => {
  await using rig = new DaemonRig();
  await rig.start().line('camera_streaming');
  const args = { camera: 'front', host: '127.0.0.1', port: 65_535 };
  const { error } = await requestOverSocket(rig.socket, 'stream.start', args);
  assert.match(error?.message ?? '', /rtcp false/);
  const { result } = await requestOverSocket(rig.socket, 'stream.start', { ...args, rtcp: false });
  assert.match((result as Described).sdp, /^b=RS:0\r$/m);
});

test('stream.retarget answers where the stream goes from now on', async () => {
  await using one = await openUdpReceiver();
  await using other = await openUdpReceiver();
  await using rig = new DaemonRig();
  const daemon = rig.start({ cameras: [{ ...CAMERA, rtp: [{ host: '127.0.0.1', port: one.port }] }] });
  await daemon.line('camera_streaming');
  await one.received(3);
  const { result } = await requestOverSocket(rig.socket, 'stream.retarget', {
    camera: 'front',
    host: '127.0.0.1',
    port: other.port,
  });
  const { stream, sdp } = result as Described;
  assert.equal(stream, `127.0.0.1:${other.port}`);
  assert.match(sdp, new RegExp(`^m=video ${other.port} `, 'm'));
  await other.received(3);
});
