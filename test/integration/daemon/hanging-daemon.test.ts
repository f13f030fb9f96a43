import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { requestOverSocket } from '../../../src/control/socket/request-over-socket.ts';
import { cambox } from '../../support/daemon-rig.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { until } from '../../support/until.ts';

/** Accepts, keeps what it is sent, and says nothing by itself, like a daemon whose event loop is stuck. */
async function hangingDaemon() {
  const folder = await mkdtemp(join(tmpdir(), 'cambox-hang-'));
  const path = join(folder, 'control.sock');
  const clients: Socket[] = [];
  const lines: { readonly id?: string; readonly cmd: string }[] = [];
  const server = createServer((client) => {
    clients.push(client);
    client.on('error', () => client.destroy());
    client.on('data', (bytes) => {
      for (const line of bytes.toString().trim().split('\n')) lines.push(JSON.parse(line));
    });
  }).listen(path);
  await once(server, 'listening');
  return {
    path,
    lines,
    say: (response: object) => clients[0]?.write(`${JSON.stringify(response)}\n`),
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

test('a query is given up after 3 s when the daemon hangs, and says what to do', async () => {
  await using daemon = await hangingDaemon();
  const clock = new FakeClock();
  const query = requestOverSocket(daemon.path, 'status', {}, { clock });
  const refused = assert.rejects(query, {
    code: 'timed_out',
    message: new RegExp(`the daemon at ${daemon.path} as it has not answered for 3 s.*systemctl restart cambox`),
  });
  await until('it is asked', () => daemon.lines.length === 1);
  await clock.advance(3000);
  await refused;
  assert.equal(clock.pendingTimers, 0);
});

test('a command may take long as long as the daemon answers, and is given up when that hangs', async () => {
  await using daemon = await hangingDaemon();
  const clock = new FakeClock();
  const progress: string[] = [];
  const onProgress = ({ status }: { status: string }): void => void progress.push(status);
  const command = requestOverSocket(daemon.path, 'clip.start', {}, { clock, onProgress });
  const refused = assert.rejects(command, { code: 'timed_out', message: /has not answered for 10 s/ });
  await until('it is asked', () => daemon.lines.length === 1);
  for (const round of [1, 2]) {
    await clock.advance(3000);
    await until('a sign of life is asked for', () => daemon.lines.length === 1 + round);
    const { id, cmd } = daemon.lines.at(-1)!;
    assert.equal(cmd, 'status');
    daemon.say({ id, status: 'succeeded' }); // which is not the end of the clip
    daemon.say({ id: 'c', status: 'in_progress' });
    await until('it is heard', () => progress.length === round);
  }
  await clock.advance(10_000);
  await refused;
});

test('devices, status and doctor answer without a daemon that hangs', { timeout: 120_000 }, async () => {
  await using daemon = await hangingDaemon();
  const [devices, status, doctor] = await Promise.all(
    ['devices', 'status', 'doctor'].map((command) => cambox(command, '--json', '--socket', daemon.path)),
  );
  assert.ok(Array.isArray(JSON.parse(devices!.stdout.toString())));
  assert.match(devices!.stderr, /has not answered for 3 s/);
  assert.equal(status!.code, 2);
  assert.match(status!.stderr, /has not answered for 3 s.*systemctl restart cambox/);
  const { findings } = JSON.parse(doctor!.stdout.toString()) as { findings: { id: string; says: string }[] };
  assert.match(findings.find(({ id }) => id === 'daemon')?.says ?? '', /has not answered for 3 s/);
});

for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} ends a command that waits for the daemon, in a line and with the exit code of shells`, async () => {
    await using daemon = await hangingDaemon();
    const args = ['src/main.ts', 'clip', 'stop', 'front', '--socket', daemon.path];
    const stop = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const stderr = text(stop.stderr);
    await until('it is asked', () => daemon.lines.length > 0);
    stop.kill(signal);
    const [code] = await once(stop, 'close');
    assert.deepEqual([code, await stderr], [exitCode, `cambox clip stop: ended by ${signal}\n`]);
  });
}
