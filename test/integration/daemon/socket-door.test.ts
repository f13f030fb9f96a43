import assert from 'node:assert/strict';
import { once } from 'node:events';
import { link, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { CommandExecutor } from '../../../src/control/executor.ts';
import { COMMANDS } from '../../../src/control/registry.ts';
import type { CommandResponse } from '../../../src/control/response.ts';
import { requestOverSocket } from '../../../src/control/socket/request-over-socket.ts';
import { openSocketDoor, type SocketDoor } from '../../../src/control/socket/socket-door.ts';
import { FakeBox } from '../../support/fake-box.ts';
import { LogCollector } from '../../support/log-collector.ts';
import { until } from '../../support/until.ts';

interface Bench extends AsyncDisposable {
  readonly path: string;
  readonly box: FakeBox;
  readonly log: LogCollector;
  readonly executor: CommandExecutor;
  open(): Promise<SocketDoor>;
}

async function createBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'cambox-socket-'));
  const path = join(folder, 'control.sock');
  const box = new FakeBox();
  const log = new LogCollector();
  const executor = new CommandExecutor(COMMANDS, box, { clock: SYSTEM_CLOCK, logger: log });
  return {
    path,
    box,
    log,
    executor,
    open: () => openSocketDoor(path, { box, executor, clock: SYSTEM_CLOCK, logger: log }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A client that writes raw bytes and collects the lines that come back. */
class RawClient implements Disposable {
  readonly socket: Socket;
  #text = '';

  constructor(path: string) {
    this.socket = connect(path).on('data', (bytes) => {
      this.#text += bytes.toString('utf8');
    });
  }

  async lines(count: number): Promise<CommandResponse[]> {
    await until(`${count} lines`, () => this.#text.split('\n').length > count);
    return this.#text
      .split('\n')
      .slice(0, count)
      .map((line) => JSON.parse(line));
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

test('client gets every state of a clip when it starts one over the socket', async () => {
  await using bench = await createBench();
  await using _door = await bench.open();
  const seen: CommandResponse[] = [];
  const onProgress = (response: CommandResponse): void => {
    seen.push(response);
    if (response.status === 'in_progress') bench.box.front.started[0]!.end({});
  };
  const args = { camera: 'front', pre_s: 5, duration_s: 3, label: 'Türe' };
  const response = await requestOverSocket(bench.path, 'clip.start', args, { onProgress });
  assert.deepEqual(
    seen.map(({ status, progress }) => [status, progress]),
    [
      ['accepted', undefined],
      ['in_progress', 0],
    ],
  );
  assert.equal(response.status, 'succeeded');
  assert.equal((response.result as { label: string }).label, 'Türe');
});

test('snapshot comes as base64 when it is asked for over the socket', async () => {
  await using bench = await createBench();
  await using _door = await bench.open();
  const { result } = await requestOverSocket(bench.path, 'snapshot', { camera: 'front' });
  const { jpeg_base64: base64, ...rest } = result as { jpeg_base64: string; bytes: number };
  const jpeg = Buffer.from(base64, 'base64');
  assert.deepEqual(rest, { bytes: jpeg.length, width: 16, height: 8 });
  assert.equal(jpeg.readUInt16BE(0), 0xffd8);
});

test('status shows health and cameras when it is queried', async () => {
  await using bench = await createBench();
  await using _door = await bench.open();
  const { status, result } = await requestOverSocket(bench.path, 'status');
  assert.equal(status, 'succeeded');
  assert.deepEqual(result, {
    box: 'box-a',
    version: '0.0.0-test',
    health: { status: 'ok' },
    cameras: { front: { source: 'fake', width: 16, height: 8, fps: 30, state: 'streaming', clips: [], streams: [] } },
  });
  assert.equal(bench.executor.counts.received, 0);
});

test('response is final and says why when the request is refused', async () => {
  await using bench = await createBench();
  await using _door = await bench.open();
  const { status, error } = await requestOverSocket(bench.path, 'clip.start', { camera: 'front' });
  assert.deepEqual([status, error?.code, error?.pointer], ['rejected', 'bad_schema', '/args/pre_s']);
  const missing = await requestOverSocket(bench.path, 'snapshot', { camera: 'rear' });
  assert.deepEqual([missing.status, missing.error?.code], ['failed', 'not_found']);
});

test('server answers each line, and the lines after a bad one, when a client sends rubbish', async () => {
  await using bench = await createBench();
  await using _door = await bench.open();
  using client = new RawClient(bench.path);
  client.socket.write('nonsense\n[]\n{"cmd":5}\n{"cmd":"ping","id":"a/b"}\n');
  client.socket.write(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('\n')]));
  client.socket.write(`${'x'.repeat(200_000)}\n{"cmd":"ping","id":"last"}\n`);
  const lines = await client.lines(8);
  assert.deepEqual(
    lines.map(({ id, status, error }) => [id, status, error?.code, error?.pointer]),
    [
      ['', 'rejected', 'bad_json', undefined],
      ['', 'rejected', 'bad_schema', ''],
      ['', 'rejected', 'bad_schema', '/cmd'],
      ['', 'rejected', 'bad_schema', '/id'],
      ['', 'rejected', 'bad_json', undefined],
      ['', 'rejected', 'too_large', undefined],
      ['last', 'accepted', undefined, undefined],
      ['last', 'succeeded', undefined, undefined],
    ],
  );
});

test('clip goes on when the client that started it leaves', async () => {
  await using bench = await createBench();
  await using _door = await bench.open();
  const leave = new AbortController();
  const request = requestOverSocket(
    bench.path,
    'clip.start',
    { camera: 'front', pre_s: 0 },
    { signal: leave.signal, onProgress: ({ status }) => void (status === 'in_progress' && leave.abort()) },
  );
  await assert.rejects(request, { name: 'AbortError' });
  const { result } = await requestOverSocket(bench.path, 'clip.stop', { camera: 'front' });
  assert.equal((result as { clips: unknown[] }).clips.length, 1);
  await until('the first command is through', () => bench.executor.running === 0);
});

test('client says how to find out why when no daemon runs', async () => {
  await using bench = await createBench();
  await assert.rejects(requestOverSocket(bench.path, 'ping'), {
    code: 'not_found',
    message: /there is no such socket.*systemctl status cambox/,
  });
});

test('client is told when the daemon stops before it has answered', async () => {
  await using bench = await createBench();
  const door = await bench.open();
  const onProgress = ({ status }: CommandResponse): void => {
    if (status === 'in_progress') void door[Symbol.asyncDispose]();
  };
  const request = requestOverSocket(bench.path, 'clip.start', { camera: 'front', pre_s: 0 }, { onProgress });
  await assert.rejects(request, { code: 'interrupted' });
});

test('second daemon refuses to start when the first answers', async () => {
  await using bench = await createBench();
  await using _door = await bench.open();
  await assert.rejects(bench.open(), { code: 'in_use', message: /another daemon answers.*systemctl stop cambox/ });
  assert.equal((await requestOverSocket(bench.path, 'ping')).status, 'succeeded');
});

test('server takes over a socket that a killed daemon left behind', async () => {
  await using bench = await createBench();
  await leaveStaleSocket(bench.path);
  await using _door = await bench.open();
  assert.equal((await requestOverSocket(bench.path, 'ping')).status, 'succeeded');
});

test('server leaves a file alone that is no socket', async () => {
  await using bench = await createBench();
  await writeFile(bench.path, 'precious');
  await assert.rejects(bench.open(), { code: 'in_use' });
  assert.equal((await stat(bench.path)).size, 8);
});

test('server names the folder when it cannot create the socket', async () => {
  await using bench = await createBench();
  const door = openSocketDoor('/nonexistent/control.sock', {
    box: bench.box,
    executor: bench.executor,
    clock: SYSTEM_CLOCK,
    logger: bench.log,
  });
  await assert.rejects(door, { code: 'not_writable', message: /\/nonexistent\/control\.sock/ });
});

test('socket is for the user and the group only, and gone after dispose', async () => {
  await using bench = await createBench();
  const door = await bench.open();
  assert.equal((await stat(bench.path)).mode & 0o777, 0o660);
  await door[Symbol.asyncDispose]();
  await door[Symbol.asyncDispose]();
  await assert.rejects(stat(bench.path), { code: 'ENOENT' });
});

test('server serves 16 clients and hangs up on the seventeenth', async () => {
  await using bench = await createBench();
  await using door = await bench.open();
  const clients = Array.from({ length: 16 }, () => new RawClient(bench.path));
  for (const client of clients) {
    client.socket.write('{"cmd":"ping"}\n');
    await client.lines(2);
  }
  using extra = new RawClient(bench.path);
  await once(extra.socket, 'close');
  assert.equal(bench.log.of('socket_clients_exceeded').length, 1);
  for (const client of clients) client[Symbol.dispose]();
  await until('room again', () => door.clients === 0);
  assert.equal((await requestOverSocket(bench.path, 'ping')).status, 'succeeded');
});

test('server cuts off a client that does not read its answers', async () => {
  await using bench = await createBench();
  await using door = await bench.open();
  bench.box.healthReport = { filler: 'x'.repeat(1_000_000) };
  using client = new RawClient(bench.path);
  client.socket.on('error', () => client.socket.destroy());
  client.socket.write('{"cmd":"ping"}\n');
  await client.lines(2);
  client.socket.pause();
  client.socket.write('{"cmd":"status"}\n'.repeat(60));
  await until('cut off', () => door.clients === 0);
});

/** What a daemon that was killed leaves: a socket file that nobody has open. */
async function leaveStaleSocket(path: string): Promise<void> {
  const server = createServer().listen(path);
  await once(server, 'listening');
  await link(path, `${path}.kept`); // close() unlinks the path; a second name keeps the dead socket
  server.close();
  await once(server, 'close');
  await rename(`${path}.kept`, path);
}
