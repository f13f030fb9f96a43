import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type MachineExtras, type MachineParts, qemuArguments, setUp } from './machine.ts';

/** The root of this project. */
export const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

/** One VM at a time on a machine: several would starve each other beyond all limits. The lock goes with the process. */
const LOCK = join(tmpdir(), 'cambox-vm.lock');
const TURN_TIMEOUT_S = 900;
/** A boot takes 10 to 15 s on two free cores, a minute on two busy ones. */
const BOOT_TIMEOUT_S = 150;
/** Rarely an emulated CPU locks up while the kernel starts (a soft lockup on the console): then another try. */
const BOOT_ATTEMPTS = 2;
/** For a script that is given no other limit. */
const TIMEOUT_S = 60;
/** The guest ends a script that runs too long; if even that does not come back, the machine hangs. */
const GRACE_S = 20;

export interface RunResult {
  /** Exit code of the script; 124 if it ran into its time limit. */
  readonly code: number;
  /** Standard output and standard error, in the order in which they were written. */
  readonly output: string;
}

/**
 * A virtual Debian 12 with a real systemd and a real uvcvideo driver, emulated without KVM, so that it runs wherever
 * QEMU does (10 to 20 times slower than the machine: choose time limits accordingly). What it writes is forgotten.
 *
 * The guest sees three folders of the host: `/share` (read-write, `vm.share` here), `/checkout` (this project) and
 * `/camera` (uvcsim and its pictures). It has no network but its own loopback.
 */
export class Vm implements AsyncDisposable {
  /** The host's end of the guest's `/share`. */
  readonly share: string;
  readonly #qemu: ChildProcessByStdio<Writable, Readable, null>;
  /** The line `ID …` that is waited for; one at a time. */
  #awaited: { readonly id: string; readonly answer: PromiseWithResolvers<string> } | undefined;
  #lastId = 0;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(qemu: ChildProcessByStdio<Writable, Readable, null>, share: string) {
    this.#qemu = qemu;
    this.share = share;
    createInterface({ input: qemu.stdout }).on('line', (line) => {
      const [id, rest = ''] = line.split(' ');
      if (this.#awaited?.id === id) this.#awaited?.answer.resolve(rest);
    });
    const ended = (why: unknown): void => this.#awaited?.answer.reject(new Error(`The VM ended: ${why}`));
    qemu.stdin.on('error', ended);
    qemu.on('error', ended);
    qemu.on('close', (code, signal) => ended(signal ?? code));
  }

  /** Makes the image if there is none for today's recipe, starts a guest, and returns when it takes commands. */
  static async boot(extras: MachineExtras = {}): Promise<Vm> {
    const parts = await setUp();
    for (let attempt = 1; ; attempt++) {
      try {
        return await Vm.#bootOnce(parts, extras);
      } catch (failure) {
        if (attempt === BOOT_ATTEMPTS) throw failure;
        process.stderr.write(`vm: trying once more: ${failure}\n`);
      }
    }
  }

  static async #bootOnce({ image, camera }: MachineParts, extras: MachineExtras): Promise<Vm> {
    const share = await mkdtemp(join(tmpdir(), 'cambox-vm-'));
    const consoleLog = join(share, 'console.log');
    const machine = qemuArguments(image, consoleLog, { share, checkout: CHECKOUT, camera }, extras);
    // setpriv: the guest dies with this process, however that ends.
    const inTurn = ['flock', '--no-fork', LOCK, 'sh', '-c', 'echo begins && exec "$@"', 'sh'];
    const qemu = spawn('setpriv', ['--pdeathsig', 'KILL', ...inTurn, 'qemu-system-x86_64', ...machine], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const vm = new Vm(qemu, share);
    try {
      await vm.#answer('begins', TURN_TIMEOUT_S);
      await vm.#answer('ready', BOOT_TIMEOUT_S);
      return vm;
    } catch (cause) {
      const tail = (await readFile(consoleLog, 'utf8').catch(() => '(nothing)')).slice(-2000);
      await vm[Symbol.asyncDispose]();
      throw new Error(`Cannot boot the VM. The end of its console:\n${tail}`, { cause });
    }
  }

  /** Runs a bash script as root in the guest, after those that were given before. */
  run(script: string, timeoutS = TIMEOUT_S): Promise<RunResult> {
    const result = this.#queue.then(() => this.#runNow(script, timeoutS));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** Runs a script that has to succeed, and returns what it wrote. Any command of it that fails ends it. */
  async sh(script: string, timeoutS = TIMEOUT_S): Promise<string> {
    const { code, output } = await this.run(`set -euo pipefail\n${script}`, timeoutS);
    if (code === 0) return output;
    const why = code === 124 ? `did not end within ${timeoutS} s` : `ended with ${code}`;
    throw new Error(`In the VM a script ${why}:\n${script}\nIt wrote:\n${output}`);
  }

  /** Waits until a script succeeds, trying it again and again inside the guest. Returns what it wrote at last. */
  async until(what: string, script: string, timeoutS = TIMEOUT_S): Promise<string> {
    const loop = `attempt() {\n${script}\n}\nuntil attempt >/run/attempt 2>&1; do sleep 0.2; done\ncat /run/attempt`;
    const { code, output } = await this.run(loop, timeoutS);
    if (code === 0) return output;
    const last = await this.run('cat /run/attempt');
    throw new Error(`In the VM, not within ${timeoutS} s: ${what}\n${script}\nwrote at last:\n${last.output}`);
  }

  /** Nothing in the guest moves, its disks included, while `work` looks at them from outside. */
  async whileFrozen<T>(work: () => Promise<T>): Promise<T> {
    this.#qemu.kill('SIGSTOP');
    try {
      while (!(await threadStates(this.#qemu.pid!)).every((state) => state === 'T')) await setTimeout(1);
      return await work();
    } finally {
      this.#qemu.kill('SIGCONT');
    }
  }

  /** Switches the guest off, as if its plug were pulled. What it wrote to the host is still there. */
  async kill(): Promise<void> {
    if (this.#qemu.exitCode !== null || this.#qemu.signalCode !== null) return;
    const closed = once(this.#qemu, 'close');
    this.#qemu.kill('SIGKILL');
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.share, { recursive: true, force: true });
  }

  async #runNow(script: string, timeoutS: number): Promise<RunResult> {
    const id = `run${++this.#lastId}`;
    await writeFile(join(this.share, `${id}.sh`), script);
    this.#qemu.stdin.write(`${id} ${timeoutS}\n`);
    const code = Number(await this.#answer(id, timeoutS + GRACE_S));
    return { code, output: await readFile(join(this.share, `${id}.out`), 'utf8') };
  }

  async #answer(id: string, timeoutS: number): Promise<string> {
    const answer = Promise.withResolvers<string>();
    this.#awaited = { id, answer };
    const timer = globalThis.setTimeout(
      () => answer.reject(new Error(`No answer from the VM within ${timeoutS} s`)),
      timeoutS * 1000,
    );
    try {
      return await answer.promise;
    } finally {
      clearTimeout(timer);
      this.#awaited = undefined;
    }
  }
}

/** The state letters of a process's threads (proc_pid_stat(5)). */
async function threadStates(pid: number): Promise<readonly string[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const stats = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => ') T')),
  );
  return stats.map((stat) => stat.slice(stat.lastIndexOf(')') + 2)[0] ?? '');
}
