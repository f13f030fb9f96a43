import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { requestOverSocket } from '../../../src/control/socket/request-over-socket.ts';
import { DaemonRig } from '../../support/daemon-rig.ts';
import { MarkedReceiver } from '../../support/marked-receiver.ts';
import { startReceive } from '../../support/receive-process.ts';
import { freeRtpPort } from '../../support/rtp-receivers.ts';

/** A daemon with one camera and a key among its credentials. */
async function setUp(rig: DaemonRig): Promise<{ keyFile: string }> {
  const credentials = join(rig.folder, 'credentials');
  mkdirSync(credentials);
  const keyFile = join(credentials, 'front');
  writeFileSync(keyFile, randomBytes(30).toString('base64'));
  await rig.start({}, { CREDENTIALS_DIRECTORY: credentials }).line('ready');
  return { keyFile };
}

const signal = (): AbortSignal => AbortSignal.timeout(20_000);

test('a stream that a command starts is encrypted with the key it names, and a receiver decrypts it', async () => {
  await using rig = new DaemonRig();
  const { keyFile } = await setUp(rig);
  const port = await freeRtpPort();
  await using receive = await startReceive(port, '--port', String(port), '--srtp-key-file', keyFile, '--frames', '20');
  const target = { camera: 'front', host: '127.0.0.1', port, srtp_key_file: 'credential:front' };
  const started = await requestOverSocket(rig.socket, 'stream.start', target, { signal: signal() });
  assert.equal(started.status, 'succeeded', JSON.stringify(started));
  const { code, summary } = await receive.ended;
  assert.deepEqual([code, summary?.ended, summary?.srtp_refused], [0, 'frames', {}]);
  assert.equal(summary?.ssrc, (started.result as { ssrc: number }).ssrc);
});

test('a stream that a command starts leaves with the marks and by the interface that it names', async () => {
  await using rig = new DaemonRig();
  await setUp(rig);
  using receiver = new MarkedReceiver('127.0.0.1');
  const target = { camera: 'front', host: '127.0.0.1', port: receiver.port, ttl: 7, dscp: 34 };
  const started = await requestOverSocket(
    rig.socket,
    'stream.start',
    { ...target, interface: 'lo' },
    { signal: signal() },
  );
  assert.equal(started.status, 'succeeded', JSON.stringify(started));
  const [packet] = await receiver.received(1);
  assert.deepEqual([packet?.tos, packet?.ttl], [34 << 2, 7]);
  const away = { ...target, port: receiver.port + 2, interface: 'nothere0' };
  const refused = await requestOverSocket(rig.socket, 'stream.start', away, { signal: signal() });
  assert.equal(refused.error?.code, 'bad_argument');
});
