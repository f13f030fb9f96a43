import { mkdir, readdir, readFile, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ownCgroupFolder } from './cgroup-path.ts';
import { ChildGroup, type GroupCaps } from './child-group.ts';
import { errnoOf, readControl, writeControl, writeControlIfThere } from './control-files.ts';

/** Why children cannot have control groups of their own. Stable: stands in logs and in health. */
export type DelegationFault = 'no_cgroup2' | 'no_memory_controller' | 'not_delegated' | 'not_alone' | 'cgroup_failed';

export interface DelegationRefusal {
  readonly fault: DelegationFault;
  /** For people. */
  readonly reason: string;
  readonly remedy: string;
}

export interface DelegationRoots {
  /** `/proc`; a test's own tree. */
  readonly procRoot?: string;
  /** Where the group is; found in procRoot when left out. */
  readonly folder?: string;
}

/** systemd's DelegateSubgroup= in our drop-in for 254 and later has this name, too. */
const SUPERVISOR = 'supervisor';
const CHILD_PREFIX = 'ffmpeg-';
/** Beside `memory`, which is what this is about. */
const WELCOME_CONTROLLERS = ['pids', 'cpu'] as const;
/** Children weigh 100 and less: capture goes on whatever encodes. */
const SUPERVISOR_CPU_WEIGHT = 1000;
const SHOWN_PIDS = 5;

/**
 * The service's own control group, divided: the daemon stands in its sub-group `supervisor`, each child gets one of its
 * own beside it. The service group itself stays systemd's: nothing of it is written but cgroup.subtree_control.
 */
export class Delegation {
  readonly dir: string;
  #lastNumber = 0;

  private constructor(dir: string) {
    this.dir = dir;
  }

  /**
   * Divide the group that this process is in, and remove what an earlier run left behind. A process may be in an inner
   * group only as long as that divides nothing (cgroup-v2.rst, "No Internal Process Constraint"), so it has to move first.
   */
  static async open(roots: DelegationRoots = {}): Promise<Delegation | DelegationRefusal> {
    const { procRoot = '/proc' } = roots;
    const own = roots.folder ?? (await ownFolder(procRoot));
    if (own === undefined) return NO_CGROUP2;
    const service = basename(own) === SUPERVISOR ? dirname(own) : own;
    const controllers = (await readControl(join(service, 'cgroup.controllers')))?.split(' ') ?? [];
    if (!controllers.includes('memory')) return noMemoryController(service);
    const strangers = await strangersIn(service);
    if (strangers.length > 0) return notAlone(service, strangers);
    try {
      await divide(service);
    } catch (failure) {
      await undo(service, own);
      return refusalOf(service, failure as NodeJS.ErrnoException);
    }
    const delegation = new Delegation(service);
    await delegation.#sweep();
    return delegation;
  }

  /** Throws the system's error. */
  makeChild(caps: GroupCaps): Promise<ChildGroup> {
    this.#lastNumber += 1;
    return ChildGroup.make(this.dir, `${CHILD_PREFIX}${this.#lastNumber}`, caps);
  }

  /** Names of the groups of children that are there. */
  async children(): Promise<string[]> {
    const entries = await readdir(this.dir, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && entry.name.startsWith(CHILD_PREFIX))
      .map(({ name }) => name);
  }

  /** What a killed daemon left behind; one that does not go keeps its name from being used. */
  async #sweep(): Promise<void> {
    for (const name of await this.children()) {
      if (await new ChildGroup(join(this.dir, name)).remove()) continue;
      const number = Number(name.slice(CHILD_PREFIX.length));
      this.#lastNumber = Math.max(this.#lastNumber, Number.isInteger(number) ? number : 0);
    }
  }
}

async function ownFolder(procRoot: string): Promise<string | undefined> {
  const [cgroup, mountinfo] = await Promise.all(
    ['self/cgroup', 'self/mountinfo'].map((file) => readFile(join(procRoot, file), 'utf8').catch(() => '')),
  );
  return ownCgroupFolder(cgroup ?? '', mountinfo ?? '');
}

/** Processes in the group that are not this one. */
async function strangersIn(service: string): Promise<string[]> {
  const procs = (await readControl(join(service, 'cgroup.procs'))) ?? '';
  return procs.split('\n').filter((pid) => pid !== '' && Number(pid) !== process.pid);
}

async function divide(service: string): Promise<void> {
  const supervisor = join(service, SUPERVISOR);
  await mkdir(supervisor).catch((failure) => {
    if (errnoOf(failure) !== 'EEXIST') throw failure;
  });
  await writeControl(join(supervisor, 'cgroup.procs'), process.pid);
  const enable = (controller: string): Promise<void> =>
    writeControl(join(service, 'cgroup.subtree_control'), `+${controller}`);
  await enable('memory');
  // without these two a child is only less well held: it may start many processes, or take the processor
  for (const controller of WELCOME_CONTROLLERS) await enable(controller).catch(() => undefined);
  await writeControlIfThere(join(supervisor, 'cpu.weight'), SUPERVISOR_CPU_WEIGHT);
}

/** Back to where we were; what fails here was never done. */
async function undo(service: string, own: string): Promise<void> {
  if (own !== service) return;
  await writeControl(join(service, 'cgroup.procs'), process.pid).catch(() => undefined);
  await rmdir(join(service, SUPERVISOR)).catch(() => undefined);
}

const AS_A_SERVICE = 'Run it as its systemd service, which has Delegate=memory pids cpu io';

const NO_CGROUP2: DelegationRefusal = {
  fault: 'no_cgroup2',
  reason: 'no cgroup v2 is mounted, or this process is outside of it',
  remedy: 'Boot with systemd.unified_cgroup_hierarchy=1',
};

const noMemoryController = (service: string): DelegationRefusal => ({
  fault: 'no_memory_controller',
  reason: `${service} has no memory controller`,
  remedy:
    'Turn it on: on a Raspberry Pi add cgroup_enable=memory to /boot/firmware/cmdline.txt and reboot; ' +
    'under systemd the unit needs Delegate=memory',
});

const notAlone = (service: string, pids: readonly string[]): DelegationRefusal => ({
  fault: 'not_alone',
  reason: `other processes are in ${service}: ${pids.slice(0, SHOWN_PIDS).join(', ')}`,
  remedy: AS_A_SERVICE,
});

function refusalOf(service: string, { code, message }: NodeJS.ErrnoException): DelegationRefusal {
  const forbidden = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
  return {
    fault: forbidden ? 'not_delegated' : 'cgroup_failed',
    reason: forbidden ? `${service} is not ours to divide (${code})` : message,
    remedy: AS_A_SERVICE,
  };
}
