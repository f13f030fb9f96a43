/**
 * Memory caps against the real kernel: control groups that systemd has delegated. Runs inside the test VM as a service of an
 * ordinary user: `systemd-run --property=Delegate='memory pids cpu' --property=User=cambox … node memory-check.ts`.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Clock, SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { Child } from '../../../src/record/child/child.ts';
import { CgroupCaps } from '../../../src/record/memory/cgroup-caps.ts';
import { PolledCaps } from '../../../src/record/memory/polled-caps.ts';
import { Delegation } from '../../../src/systemd/cgroup/delegation.ts';
import { HungryFfmpeg } from '../../support/hungry-ffmpeg.ts';
import { LogCollector } from '../../support/log-collector.ts';
import { cameraPictures } from '../../support/mjpeg-pictures.ts';
import { clipRequest, decodedFrames, RecorderRig } from '../../support/recorder-rig.ts';
import { until } from '../../support/until.ts';

process.stderr.write('the tests begin\n');

const MIB = 2 ** 20;
/** Fills a buffer of so many megabytes. */
const hog = (mb: number): string => `dd if=/dev/zero of=/dev/null bs=${mb}M count=1`;

const delegation = await Delegation.open();
assert.ok(delegation instanceof Delegation, JSON.stringify(delegation));
const logs = new LogCollector();

const service = (file: string): string => readFileSync(join(delegation.dir, file), 'utf8').trim();

/** How often anything was looked at by the clock: a child that held its memory through some of them was seen with it. */
let looks = 0;
const lookCounting: Clock = {
  ...SYSTEM_CLOCK,
  after: (ms, task) =>
    SYSTEM_CLOCK.after(ms, () => {
      looks += 1;
      task();
    }),
};

const caps = new CgroupCaps(delegation, new PolledCaps(SYSTEM_CLOCK), lookCounting, logs);

async function shell(script: string, memoryMb: number): Promise<Child> {
  const place = await caps.place({ memoryBytes: memoryMb * MIB, cpuWeight: 50 });
  return Child.spawn('sh', ['-c', script], SYSTEM_CLOCK, { place });
}

test('the daemon has moved into its own sub-group, and the service group is divided', () => {
  assert.match(readFileSync('/proc/self/cgroup', 'utf8'), /^0::\/.*\.service\/supervisor\n$/);
  assert.deepEqual(service('cgroup.subtree_control').split(' ').toSorted(), ['cpu', 'memory', 'pids']);
  assert.equal(service('cgroup.procs'), '');
  assert.equal(service('supervisor/cpu.weight'), '1000');
});

test('a child is in its group, with its caps, before its program begins', async () => {
  const child = await shell(
    'cat /proc/self/cgroup >&2; echo "oom $(cat /proc/self/oom_score_adj)" >&2; cat >/dev/null',
    40,
  );
  const [name] = await delegation.children();
  const file = (key: string): string => service(`${name}/${key}`);
  assert.deepEqual(['memory.max', 'memory.swap.max', 'memory.oom.group', 'pids.max', 'cpu.weight'].map(file), [
    String(40 * MIB),
    '0',
    '1',
    '64',
    '50',
  ]);
  const { code, stderr, memory } = await child.stop('enough');
  assert.equal(code, 0);
  assert.match(stderr, new RegExp(`/${name}\n`));
  assert.deepEqual([memory?.by, memory?.killed, memory?.capBytes], ['cgroup', undefined, 40 * MIB]);
  assert.ok(memory!.peakBytes > 100_000 && memory!.peakBytes < 40 * MIB, String(memory!.peakBytes));
  assert.ok(memory!.cpuMs! > 0);
  assert.deepEqual(await delegation.children(), []);
});

test('a child that wants more than its cap is killed with all it started, is told of as that, and nobody else is', async () => {
  await using other = await shell('cat >/dev/null', 16);
  await using greedy = await shell(`${hog(300)}; echo survived >&2`, 64);
  const { signal, stderr, memory } = await greedy.exited;
  assert.deepEqual([signal, stderr, memory?.killed], ['SIGKILL', '', 'over_cap']);
  assert.ok(memory!.peakBytes > 60 * MIB && memory!.peakBytes <= 64 * MIB, String(memory!.peakBytes));
  assert.equal((await other.stop('enough')).code, 0);
  assert.deepEqual(await delegation.children(), []);
});

test('what a child holds is counted while it runs', async () => {
  await using child = await shell('exec 3<&0; dd if=/dev/zero bs=40M count=1 | { cat <&3; cat; } >/dev/null', 128);
  const [name] = await delegation.children();
  const anon = () => Number(/^anon (\d+)$/m.exec(service(`${name}/memory.stat`))![1]);
  await until('it has filled its buffer', () => anon() > 40 * MIB, 60_000);
  const before = looks;
  await until('it was looked at', () => looks >= before + 2);
  const { memory } = await child.stop('enough');
  assert.ok(memory!.heldBytes > 40 * MIB && memory!.heldBytes < 48 * MIB, String(memory!.heldBytes));
  assert.ok(memory!.peakBytes >= memory!.heldBytes, String(memory!.peakBytes));
});

test('a child that is killed as the service has no memory left is told of as that', async () => {
  await using greedy = await shell(hog(350), 1024);
  const { memory } = await greedy.exited;
  assert.equal(memory?.killed, 'no_memory_left');
});

test('a clip keeps what plays when its ffmpeg is killed over its cap, and the other clip goes on', async () => {
  using ffmpeg = new HungryFfmpeg(300);
  await using rig = new RecorderRig(cameraPictures(10), { ffmpeg: ffmpeg.program }, SYSTEM_CLOCK, { caps });
  rig.patienceMs = 90_000;
  const [greedy, modest] = [
    await rig.recorder.start(clipRequest('greedy')),
    await rig.recorder.start(clipRequest('modest')),
  ];
  const times = await rig.pushMany(rig.clock.now(), 60);
  await rig.queueBelow(1);
  ffmpeg.eat();
  const result = await greedy.finished;
  assert.deepEqual([result.state, result.end], ['interrupted', 'out_of_memory']);
  assert.match(result.detail!, /killed by the kernel as it wanted more than its \d+ MB of memory/);
  assert.equal(result.memory?.by, 'cgroup');
  assert.ok(result.frames >= 30, `${result.frames} frames`);
  assert.equal(decodedFrames(result.path!), result.frames);
  await rig.pushMany(times.at(-1)!, 10);
  modest.stop('stopped');
  const other = await modest.finished;
  assert.deepEqual([other.state, other.frames], ['ready', 70]);
  await rig.recorder.close(5000);
  assert.equal(rig.arena.usedBytes, 0);
  assert.deepEqual(await delegation.children(), []);
});

test('what an earlier run left behind is swept away when the daemon starts', async () => {
  const left = join(delegation.dir, 'ffmpeg-77');
  mkdirSync(left);
  const orphan = spawn('sh', ['-c', `echo $$ >${left}/cgroup.procs; exec sleep 1000`], { stdio: 'ignore' });
  const gone = once(orphan, 'exit');
  await until('it is in its group', () => readFileSync(join(left, 'cgroup.procs'), 'utf8') !== '');
  assert.ok((await Delegation.open()) instanceof Delegation);
  await gone;
  assert.ok(!existsSync(left));
});

test('nothing had to fall back to the poll', () => {
  assert.deepEqual(logs.events, []);
  assert.ok(readdirSync(delegation.dir).includes('supervisor'));
});
