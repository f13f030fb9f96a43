import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod/mini';
import { SILENT } from '../../../src/base/logger.ts';
import { CommandExecutor } from '../../../src/control/executor.ts';
import { COMMANDS, jsonSchemas, schemaHash } from '../../../src/control/registry.ts';
import type { CommandResponse } from '../../../src/control/response.ts';
import type { JobView } from '../../../src/jobs/job.ts';
import type { ClipResult, WholeClipResult } from '../../../src/record/clip/clip.ts';
import { FakeBox } from '../../support/fake-box.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { heldJob } from '../../support/jobs.ts';
import { RecordingRequester, request } from '../../support/recording-requester.ts';

const bench = (cameras?: string[]) => {
  const clock = new FakeClock();
  const box = new FakeBox('box-a', cameras);
  const executor = new CommandExecutor(COMMANDS, box, { clock, logger: SILENT });
  let count = 0;
  const start = (name: string, args: object): RecordingRequester => {
    const requester = new RecordingRequester();
    count += 1;
    executor.submit(request(name, args, { id: `id-${count}` }), requester);
    return requester;
  };
  /** Run to the end; a result must fit the command's own schema. */
  const run = async (name: string, args: object): Promise<CommandResponse> => {
    const requester = start(name, args);
    await settle();
    const { status, result } = requester.last;
    if (status === 'succeeded') {
      const schema = COMMANDS.find((command) => command.name === name)!.result;
      assert.deepEqual(z.parse(schema, result), result);
    }
    return requester.last;
  };
  return { clock, box, executor, start, run };
};

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('every command has a JSON Schema and a hash of it that stays the same', () => {
  for (const command of COMMANDS) {
    assert.equal((jsonSchemas(command).args as { type?: string }).type, 'object', command.name);
    assert.equal(schemaHash(command), schemaHash(command));
  }
  assert.equal(new Set(COMMANDS.map(schemaHash)).size, COMMANDS.length);
});

test('ping tells box, version and monotonic time', async () => {
  const { run } = bench();
  assert.deepEqual((await run('ping', {})).result, { box: 'box-a', version: '0.0.0-test', mono_ms: 1_000_000 });
});

test('snapshot succeeds without a size when the picture cannot be read', async () => {
  const { run, box } = bench();
  box.front.takeSnapshot = async () => new Uint8Array(5);
  assert.deepEqual((await run('snapshot', { camera: 'front' })).result, { bytes: 5 });
});

test('snapshot is timed_out when no frame comes', async () => {
  const { start, box, clock } = bench();
  box.front.takeSnapshot = (signal) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const requester = start('snapshot', { camera: 'front' });
  await clock.advance(10_000);
  assert.deepEqual([requester.last.status, requester.last.error?.retryable], ['timed_out', true]);
});

test('clip.start hands on what was asked for', async () => {
  const { start, box } = bench();
  start('clip.start', { camera: 'front', pre_s: 2.5, duration_s: 30, encoder: 'libx264', label: 'door' });
  await settle();
  const { id, ...asked } = box.front.started[0]!.request;
  assert.deepEqual(asked, { label: 'door', preMs: 2500, durationMs: 30_000, encoder: 'libx264' });
  assert.match(id, /^\d{8}t\d{6}z-front-[0-9a-f]{6}$/);
});

test('clip.start leaves the encoder to the config by default and runs until it is stopped', async () => {
  const { start, box } = bench();
  const requester = start('clip.start', { camera: 'front', pre_s: 0 });
  await settle();
  const { encoder, durationMs, label, id } = box.front.started[0]!.request;
  assert.deepEqual([encoder, durationMs, label], [undefined, undefined, undefined]);
  assert.deepEqual(requester.last.result, { clip: id });
  assert.equal(requester.last.progress, undefined);
});

test('clip.start tells its progress ten times when the duration is known', async () => {
  const { start, box, clock } = bench();
  const requester = start('clip.start', { camera: 'front', pre_s: 0, duration_s: 20 });
  await clock.advance(20_000);
  box.front.started[0]!.end({});
  await settle();
  assert.deepEqual(
    requester.responses.filter(({ status }) => status === 'in_progress').map(({ progress }) => progress),
    [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
  );
  assert.equal(requester.last.status, 'succeeded');
  assert.equal(clock.pendingTimers, 0);
});

const endings: [Partial<ClipResult>, string | undefined][] = [
  [{ state: 'ready', end: 'duration' }, undefined],
  [{ state: 'interrupted', end: 'camera_lost' }, 'interrupted'],
  [{ state: 'interrupted', end: 'shutdown' }, 'interrupted'],
  [{ state: 'failed', end: 'camera_lost', path: null }, 'device_lost'],
  [{ state: 'failed', end: 'no_frames', path: null }, 'device_lost'],
  [{ state: 'failed', end: 'disk_failed', path: null, detail: 'ENOSPC' }, 'not_writable'],
  [{ state: 'failed', end: 'ffmpeg_failed', path: null, detail: 'Invalid data' }, 'child_failed'],
  [{ state: 'interrupted', end: 'out_of_memory' }, 'interrupted'],
  [{ state: 'failed', end: 'out_of_memory', path: null, detail: 'killed by the kernel' }, 'resource_limit'],
];

for (const [ending, code] of endings) {
  test(`clip.start ${code ?? 'succeeds'} with the result when the clip is ${ending.state} by ${ending.end}`, async () => {
    const { start, box } = bench();
    const requester = start('clip.start', { camera: 'front', pre_s: 0 });
    await settle();
    box.front.started[0]!.end(ending);
    await settle();
    assert.equal(requester.last.status, code === undefined ? 'succeeded' : 'failed');
    assert.equal(requester.last.error?.code, code);
    assert.equal((requester.last.result as ClipResult).end, ending.end);
    if (ending.detail !== undefined) assert.match(requester.last.error!.message, new RegExp(ending.detail));
  });
}

test('clip.start finishes its clip when the daemon shuts down', async () => {
  const { start, executor } = bench();
  const requester = start('clip.start', { camera: 'front', pre_s: 0 });
  await settle();
  await executor[Symbol.asyncDispose]();
  assert.equal((requester.last.result as ClipResult).end, 'shutdown');
});

test('clip.start goes on with the file that goes on, and answers with the result of all files', async () => {
  const { start, box } = bench();
  const requester = start('clip.start', { camera: 'front', pre_s: 0, duration_s: 20 });
  await settle();
  const next = box.front.breakOff(box.front.started[0]!);
  await settle();
  assert.deepEqual([requester.last.status, requester.last.result], ['in_progress', { clip: next.id }]);
  const first = box.front.started[0]!;
  next.end({ continues: first.id });
  await settle();
  assert.equal(requester.last.status, 'succeeded');
  const { clip, end, frames, file_count, files } = requester.last.result as WholeClipResult;
  assert.deepEqual([clip, end, frames, file_count], [first.id, 'duration', 180, 2]);
  assert.deepEqual(
    files?.map((file) => [file.clip, file.end]),
    [
      [first.id, 'ffmpeg_failed'],
      [next.id, 'duration'],
    ],
  );
});

test('clip.start hands on how long the clip goes on when it is stopped, and whether it extends another', async () => {
  const { start, box } = bench();
  start('clip.start', { camera: 'front', pre_s: 0, post_s: 2.5, extend: true });
  start('clip.start', { camera: 'front', pre_s: 0 });
  await settle();
  assert.deepEqual(
    box.front.started.map(({ request }) => [request.postMs, request.extend]),
    [
      [2500, true],
      [undefined, undefined],
    ],
  );
});

test('clip.start writes down who asked, which way, and why it was refused', async () => {
  const { start, box, run } = bench();
  start('clip.start', { camera: 'front', pre_s: 5, label: 'gate' });
  await settle();
  await run('clip.start', { camera: 'nowhere', pre_s: 0, duration_s: 2 });
  const [refused, started] = box.archive.triggers({ limit: 10 }).triggers;
  const { outcome, clip, door, label, pre_asked_ms } = started!;
  assert.deepEqual(
    [outcome, clip, door, label, pre_asked_ms],
    ['started', box.front.started[0]?.id, 'mqtt', 'gate', 5000],
  );
  assert.deepEqual(
    [refused?.outcome, refused?.code, refused?.clip, refused?.duration_asked_ms],
    ['refused', 'not_found', undefined, 2000],
  );
});

test('clip.start hands on the class of the clip', async () => {
  const { start, run, box } = bench();
  start('clip.start', { camera: 'front', pre_s: 0, class: 'alarm' });
  await settle();
  assert.equal(box.front.started[0]?.request.class, 'alarm');
  const { error } = await run('clip.start', { camera: 'front', pre_s: 0, class: 'Alarm!' });
  assert.deepEqual([error?.code, error?.pointer], ['bad_schema', '/args/class']);
});

test('clip.stop waits for the file in which a post-roll ends', async () => {
  const { start, box, run } = bench();
  start('clip.start', { camera: 'front', pre_s: 0 });
  await settle();
  const first = box.front.started[0]!;
  first.stop = () => void box.front.breakOff(first).end({});
  const { result } = await run('clip.stop', { camera: 'front' });
  assert.deepEqual(
    (result as { clips: WholeClipResult[] }).clips.map(({ files }) => files?.map(({ clip }) => clip)),
    [[first.id, `${first.id}-2`]],
  );
});

test('clip.stop ends what goes on from the clip that is named', async () => {
  const { start, run, box } = bench();
  start('clip.start', { camera: 'front', pre_s: 0 });
  await settle();
  const first = box.front.started[0]!;
  const next = box.front.breakOff(first);
  const { result } = await run('clip.stop', { camera: 'front', clip: first.id });
  assert.deepEqual(
    (result as { clips: WholeClipResult[] }).clips.map(({ clip, files }) => [clip, files?.at(-1)?.clip]),
    [[first.id, next.id]],
  );
});

test('clip.stop ends all clips of the camera when none is named', async () => {
  const { start, run, box } = bench(['front', 'rear']);
  const clips = [
    start('clip.start', { camera: 'front', pre_s: 0 }),
    start('clip.start', { camera: 'front', pre_s: 0 }),
    start('clip.start', { camera: 'rear', pre_s: 0 }),
  ];
  await settle();
  const { result } = await run('clip.stop', { camera: 'front' });
  assert.equal((result as { clips: unknown[] }).clips.length, 2);
  assert.deepEqual(
    clips.map(({ last }) => last.status),
    ['succeeded', 'succeeded', 'in_progress'],
  );
  assert.equal(box.camera('rear').clips().length, 1);
});

test('clip.stop ends the one that is named', async () => {
  const { start, run, box } = bench();
  start('clip.start', { camera: 'front', pre_s: 0 });
  start('clip.start', { camera: 'front', pre_s: 0 });
  await settle();
  const [first, second] = box.front.started.map(({ id }) => id);
  await run('clip.stop', { camera: 'front', clip: first! });
  assert.deepEqual(
    box.front.clips().map(({ id }) => id),
    [second],
  );
});

test('clip.stop names the clips there are when the one asked for is none of them', async () => {
  const { start, run, box } = bench();
  assert.match((await run('clip.stop', { camera: 'front' })).error!.message, /records none/);
  start('clip.start', { camera: 'front', pre_s: 0 });
  await settle();
  const { error } = await run('clip.stop', { camera: 'front', clip: 'x' });
  assert.deepEqual([error?.code, error?.pointer], ['not_found', '/args/clip']);
  assert.match(error!.message, new RegExp(box.front.started[0]!.id));
});

test('stream.start answers where it goes and how to receive it', async () => {
  const { run, box } = bench();
  const { result } = await run('stream.start', {
    camera: 'front',
    host: '192.0.2.7',
    port: 5004,
    mtu: 1400,
    pacing: 0,
  });
  assert.deepEqual(result, { stream: '192.0.2.7:5004', ssrc: 0x11223344, sdp: 'v=0\r\n' });
  assert.deepEqual(box.front.fakeStreams[0]!.target, { host: '192.0.2.7', port: 5004, mtu: 1400, pacing: 0 });
});

test('stream.start takes all that says how packets leave, and where the box keeps a key', async () => {
  const { run, box } = bench();
  const options = { mtu: 1400, ssrc: 7, transport: 'dgram', pacing: 0, ttl: 4, dscp: 34, interface: 'eth0.2' };
  const args = { camera: 'front', host: '239.192.7.9', port: 5004, ...options, rtcp: true, rtcp_port: 5007 };
  await run('stream.start', { ...args, srtp_key_file: '/etc/cambox/front.srtp' });
  await run('stream.start', { camera: 'front', host: '192.0.2.8', port: 5004, srtp_key_file: 'credential:front' });
  const target = {
    host: '239.192.7.9',
    port: 5004,
    ...options,
    rtcp: true,
    rtcpPort: 5007,
    srtpKeyFile: '/etc/cambox/front.srtp',
  };
  assert.deepEqual(
    box.front.fakeStreams.map((stream) => stream.target),
    [target, { host: '192.0.2.8', port: 5004, srtpKeyFile: 'credential:front' }],
  );
});

for (const wrong of [
  { ttl: 0 },
  { ttl: 256 },
  { dscp: 64 },
  { interface: 'a name that is too long' },
  { interface: '../eth0' },
  { srtp_key_file: 'c2hvcnQ=' },
  { srtp_key_file: '/etc/shadow' },
  { srtp_key_file: '/dev/zero' },
  { srtp_key_file: '/etc/cambox/../shadow' },
  { srtp_key_file: 'credential:../x' },
  { srtp_key: 'A'.repeat(40) },
]) {
  test(`stream.start refuses ${JSON.stringify(wrong)}`, async () => {
    const { run, box } = bench();
    const { error } = await run('stream.start', { camera: 'front', host: '192.0.2.7', port: 5004, ...wrong });
    assert.equal(error?.code, 'bad_schema');
    assert.equal(box.front.fakeStreams.length, 0);
  });
}

for (const [how, args] of [
  ['id', { stream: '192.0.2.7:5004' }],
  ['host and port', { host: '192.0.2.7', port: 5004 }],
] as const) {
  test(`stream.stop stops the stream that is named by ${how}`, async () => {
    const { run, box } = bench();
    await run('stream.start', { camera: 'front', host: '192.0.2.7', port: 5004 });
    await run('stream.start', { camera: 'front', host: '192.0.2.8', port: 5004 });
    const { result } = await run('stream.stop', { camera: 'front', ...args });
    assert.deepEqual(result, { stream: '192.0.2.7:5004', report: { packets: 7 } });
    assert.deepEqual(
      box.front.streams().map(({ id }) => id),
      ['192.0.2.8:5004'],
    );
  });
}

test('stream.stop refuses half a name', async () => {
  const { run } = bench();
  const { error } = await run('stream.stop', { camera: 'front', host: '192.0.2.7' });
  assert.match(error!.message, /give either stream, or host and port/);
});

test('stream.retarget takes the only stream when none is named, and asks when there are two', async () => {
  const { run, box } = bench();
  const missing = await run('stream.retarget', { camera: 'front', host: 'h', port: 1 });
  assert.equal(missing.error?.code, 'not_found');
  await run('stream.start', { camera: 'front', host: '192.0.2.7', port: 5004 });
  const { result } = await run('stream.retarget', { camera: 'front', host: '2001:db8::1', port: 6000 });
  assert.equal((result as { stream: string }).stream, box.front.fakeStreams[0]!.id);
  await run('stream.start', { camera: 'front', host: '192.0.2.8', port: 5004 });
  const two = await run('stream.retarget', { camera: 'front', host: 'h', port: 1 });
  assert.deepEqual([two.error?.code, two.error?.pointer], ['conflict', '/args/stream']);
});

test('stream.list tells of each stream of a camera what stream.start told', async () => {
  const { run } = bench();
  const started = await run('stream.start', { camera: 'front', host: '192.0.2.7', port: 5004 });
  await run('stream.start', { camera: 'front', host: '192.0.2.8', port: 5004 });
  const { streams } = (await run('stream.list', { camera: 'front' })).result as { streams: { stream: string }[] };
  assert.deepEqual(streams[0], started.result);
  assert.deepEqual(
    streams.map(({ stream }) => stream),
    ['192.0.2.7:5004', '192.0.2.8:5004'],
  );
});

test('stream.start waits for the first picture, but not for long, and not for a camera that gives none', async () => {
  const { start, run, box, clock } = bench();
  box.front.streamBegins = new Promise(() => undefined);
  const waiting = start('stream.start', { camera: 'front', host: '192.0.2.7', port: 5004 });
  await settle();
  assert.equal(waiting.last.status, 'accepted');
  await clock.advance(10_000);
  assert.equal(waiting.last.status, 'succeeded');
  box.front.state = 'lost';
  assert.equal((await run('stream.start', { camera: 'front', host: '192.0.2.8', port: 5004 })).status, 'succeeded');
});

test('jobs.list tells what waits and runs, and how many there are past the limit', async () => {
  const { run, box } = bench();
  for (let i = 0; i < 12; i++) box.bench.take(heldJob(`cut ${i}`).spec);
  const { result } = (await run('jobs.list', { limit: 9 })) as { result: { jobs: JobView[]; total: number } };
  assert.equal(result.total, 12);
  assert.deepEqual(
    result.jobs.map(({ title, state }) => `${title} ${state}`),
    Array.from({ length: 9 }, (_, i) => `cut ${i} ${i < 8 ? 'running' : 'waiting'}`),
  );
  const none = (await run('jobs.list', { kind: 'timelapse' })) as { result: { jobs: JobView[]; total: number } };
  assert.deepEqual(none.result, { jobs: [], total: 0 });
});

test('job.cancel ends a job, and says where to look when there is none of the id', async () => {
  const { run, box } = bench();
  const job = box.bench.take(heldJob('cut').spec);
  assert.deepEqual((await run('job.cancel', { job: job.id })).result, { job: job.id });
  const outcome = await job.done;
  assert.equal(!outcome.ok && outcome.error.code, 'canceled');
  const { error } = await run('job.cancel', { job: job.id });
  assert.deepEqual([error?.code, error?.pointer], ['not_found', '/args/job']);
  assert.match(error!.message, /jobs\.list/);
});
