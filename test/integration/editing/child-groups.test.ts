import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { Child, type ChildExit } from '../../../src/record/child/child.ts';
import { ChildGroup } from '../../../src/systemd/cgroup/child-group.ts';
import { CgroupMount } from '../../support/cgroup-mount.ts';
import { openDescriptors } from '../../support/recorder-rig.ts';
import { until } from '../../support/until.ts';

/** Children in real control groups, and what is left of them: nothing. Caps are tested where systemd is, in the VM. */

const mount = new CgroupMount();
after(() => mount[Symbol.dispose]());

const shell = (script: string): Promise<Child> =>
  Child.spawn('sh', ['-c', script], SYSTEM_CLOCK, { place: mount.place() });

test('a child is in its group before its program begins', async () => {
  const child = await shell('cat /proc/self/cgroup >&2; cat >/dev/null');
  const [group] = mount.groups;
  const { stderr } = await child.stop('enough');
  assert.ok(
    stderr.split('\n').some((line) => line.startsWith('0::') && line.endsWith(`/${group}`)),
    stderr,
  );
  assert.deepEqual(mount.groups, []);
});

test('a process that has left the process group of a child is ended with its control group', async () => {
  const child = await shell('setsid sh -c "exec sleep 1000 </dev/null >/dev/null 2>&1" & sleep 0.2; exit 0');
  const group = `${mount.folder}/${mount.groups[0]}`;
  await until('both run', () => readFileSync(`${group}/cgroup.procs`, 'utf8').trim().split('\n').length >= 2);
  const { code } = await child.exited;
  assert.equal(code, 0);
  assert.deepEqual(mount.groups, []);
});

test('a group without a memory controller is not made, and nothing of it is left', async () => {
  await assert.rejects(
    ChildGroup.make(mount.folder, 'capped', { memoryBytes: 1, pids: 1, cpuWeight: 1 }),
    /memory\.max/,
  );
  assert.deepEqual(mount.groups, []);
});

const CYCLES = 1000;
const AT_ONCE = 8;
const SEED = 20_261_120;

test(`no zombie, descriptor or group is left after ${CYCLES} children that end in every way at random moments`, async () => {
  const random = seeded(SEED);
  await ways[0]!(random);
  const before = openDescriptors();
  let cycle = 0;
  const worker = async (): Promise<void> => {
    while (cycle < CYCLES) {
      const way = ways[cycle % ways.length]!;
      cycle += 1;
      const exit = await way(random);
      assert.ok(exit.code !== null || exit.signal !== null, JSON.stringify(exit));
      assert.notEqual(exit.rung, 'lost');
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  assert.deepEqual(childrenOfOurs(), []);
  assert.deepEqual(mount.groups, []);
  assert.equal(openDescriptors(), before);
});

type Random = () => number;

/** Every way in which a child comes to its end. */
const ways: readonly ((random: Random) => Promise<ChildExit>)[] = [
  async (random) => {
    const child = await shell('cat >/dev/null');
    await pause(random);
    return child.stop('end of input');
  },
  async (random) => {
    const child = await shell('exec cat >/dev/null');
    await pause(random);
    process.kill(child.pid, 'SIGKILL'); // from outside, as the kernel does
    return child.exited;
  },
  async (random) => {
    const child = await shell('exec cat >/dev/null');
    await pause(random);
    return child.kill('at once');
  },
  async (random) => {
    // ends by itself while it is being fed: a broken pipe
    const child = await shell('head -c 100000 >/dev/null; exit 3');
    for (let i = 0; i < 8; i++) child.stdin.write(Buffer.alloc(65_536));
    await pause(random);
    return child.exited;
  },
  async (random) => {
    // takes nothing: its pipe is full, its input never ends
    const child = await shell('exec sleep 1000');
    child.stdin.write(Buffer.alloc(1 << 20));
    await pause(random);
    return child.kill('stalled');
  },
  async (random) => {
    const child = await shell('exec cat >/dev/null');
    process.kill(child.pid, 'SIGSTOP');
    await pause(random);
    void child.stop('enough');
    return child.kill('stopped');
  },
  async (random) => {
    const child = await shell('sleep 1000 & sleep 1000 & wait');
    await pause(random);
    return child.kill('with what it has started');
  },
  async (random) => {
    const child = await Child.spawn('sh', ['-c', 'exec sleep 1000'], SYSTEM_CLOCK, {
      place: mount.place(),
      withoutInput: true,
    });
    await pause(random);
    return child.stop('SIGTERM');
  },
];

/** Up to 10 ms: before, while and after the child becomes its program. */
const pause = (random: Random): Promise<void> => SYSTEM_CLOCK.sleep(random() * 10);

/** A linear congruential generator (Numerical Recipes): the same numbers for the same seed. */
function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Processes whose parent we are, zombies included: their names and states. */
function childrenOfOurs(): string[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const [, comm, state, parent] = /^\d+ \((.*)\) (\S) (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
      return Number(parent) === process.pid ? [`${comm} ${state}`] : [];
    } catch {
      return []; // it has just ended
    }
  });
}
