import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const HERE = import.meta.dirname;
const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

/** A guest with a cold cache needs about 15 s on two cores of a laptop. */
const BOOT_TIMEOUT_S = 180;
/** The guest ends a script that runs too long; if even that does not come back, the machine hangs. */
const GRACE_S = 20;
/** The memory of the smallest box that cambox is made for. */
const GUEST_MEMORY_MB = 512;

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
  /** What to tell when the line `ID …` arrives. At most one script runs at a time, so this holds one entry or two. */
  readonly #answers = new Map<string, PromiseWithResolvers<string>>();
  #lastId = 0;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(qemu: ChildProcessByStdio<Writable, Readable, null>, share: string) {
    this.#qemu = qemu;
    this.share = share;
    createInterface({ input: qemu.stdout }).on('line', (line) => {
      const [id = '', rest = ''] = line.split(' ');
      this.#answers.get(id)?.resolve(rest);
      this.#answers.delete(id);
    });
    // A write to a QEMU that ended: 'close' tells more.
    qemu.stdin.on('error', () => undefined);
    qemu.on('close', (code, signal) => {
      for (const answer of this.#answers.values()) answer.reject(new Error(`The VM ended (${signal ?? code})`));
      this.#answers.clear();
    });
  }

  /** Makes the image if there is none for today's recipe, starts a guest, and returns when it takes commands. */
  static async boot(): Promise<Vm> {
    const { image, camera } = await setUp();
    const share = await mkdtemp(join(tmpdir(), 'cambox-vm-'));
    const consoleLog = join(share, 'console.log');
    const qemu = spawn(
      'setpriv', // the guest dies with this process, however that ends
      [
        '--pdeathsig',
        'KILL',
        'qemu-system-x86_64',
        ...qemuArguments(image, consoleLog, { share, checkout: CHECKOUT, camera }),
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const vm = new Vm(qemu, share);
    try {
      await vm.#answer('ready', BOOT_TIMEOUT_S);
      return vm;
    } catch (cause) {
      const tail = (await readFile(consoleLog, 'utf8').catch(() => '(nothing)')).slice(-2000);
      await vm[Symbol.asyncDispose]();
      throw new Error(`Cannot boot the VM. The end of its console:\n${tail}`, { cause });
    }
  }

  /** Runs a bash script as root in the guest, after those that were given before. */
  run(script: string, timeoutS = 60): Promise<RunResult> {
    const result = this.#queue.then(() => this.#runNow(script, timeoutS));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** Runs a script that has to succeed, and returns what it wrote. Any command of it that fails ends it. */
  async sh(script: string, timeoutS = 60): Promise<string> {
    const { code, output } = await this.run(`set -euo pipefail\n${script}`, timeoutS);
    if (code === 0) return output;
    const why = code === 124 ? `did not end within ${timeoutS} s` : `ended with ${code}`;
    throw new Error(`In the VM a script ${why}:\n${script}\nIt wrote:\n${output}`);
  }

  /** Waits until a script succeeds, trying it again and again inside the guest. Returns what it wrote at last. */
  async until(what: string, script: string, timeoutS = 60): Promise<string> {
    const loop = `attempt() {\n${script}\n}\nuntil attempt >/run/attempt 2>&1; do sleep 0.2; done\ncat /run/attempt`;
    const { code, output } = await this.run(loop, timeoutS);
    if (code === 0) return output;
    const last = await this.run('cat /run/attempt');
    throw new Error(`In the VM, not within ${timeoutS} s: ${what}\n${script}\nwrote at last:\n${last.output}`);
  }

  /** Switches the guest off, as if its plug were pulled. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#qemu.exitCode === null && this.#qemu.signalCode === null) {
      const closed = once(this.#qemu, 'close');
      this.#qemu.kill('SIGKILL');
      await closed;
    }
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
    this.#answers.set(id, answer);
    const timer = setTimeout(
      () => answer.reject(new Error(`No answer from the VM within ${timeoutS} s`)),
      timeoutS * 1000,
    );
    try {
      return await answer.promise;
    } finally {
      clearTimeout(timer);
      this.#answers.delete(id);
    }
  }
}

async function setUp(): Promise<{ image: string; camera: string }> {
  const child = spawn(join(HERE, 'setup.sh'), { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const lines = (await child.stdout.toArray()).join('').trim().split('\n');
  const [code] = await closed;
  const [image, camera] = lines;
  if (code !== 0 || image === undefined || camera === undefined) {
    throw new Error(`Cannot set up the VM: test/vm/setup.sh ended with ${code}; it says above why`);
  }
  return { image, camera };
}

function qemuArguments(image: string, consoleLog: string, folders: Readonly<Record<string, string>>): string[] {
  const shares = Object.entries(folders).flatMap(([tag, path]) => [
    '-virtfs',
    // multidevs=remap: a folder with mount points in it would otherwise show equal inode numbers
    `local,path=${optionValue(path)},mount_tag=${tag},security_model=none,multidevs=remap,readonly=${tag === 'share' ? 'off' : 'on'}`,
  ]);
  const kernelArguments = [
    'root=/dev/vda console=ttyS0 quiet loglevel=4 panic=-1 audit=0',
    // Emulation is slow: leave out what protects against neighbours that a test does not have.
    'mitigations=off nokaslr cryptomgr.notests random.trust_cpu=on systemd.firstboot=off systemd.show_status=0',
  ];
  return [
    ['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none'],
    // Nehalem: the plainest CPU that Node runs on; newer ones cost emulation time.
    ['-machine', 'q35', '-accel', 'tcg,thread=multi,tb-size=512', '-cpu', 'Nehalem', '-smp', '2'],
    ['-m', String(GUEST_MEMORY_MB)],
    ['-kernel', join(image, 'vmlinuz'), '-initrd', join(image, 'initrd.gz'), '-append', kernelArguments.join(' ')],
    // snapshot=on: what the guest writes goes to a file that is deleted already.
    ['-drive', `file=${optionValue(join(image, 'root.ext4'))},format=raw,if=virtio,cache=unsafe,snapshot=on`],
    ['-device', 'virtio-rng-pci', '-serial', `file:${optionValue(consoleLog)}`],
    ['-device', 'virtio-serial-pci', '-chardev', 'stdio,id=agent,signal=off'],
    ['-device', 'virtserialport,chardev=agent,name=cambox.agent'],
    shares,
  ].flat();
}

/** QEMU separates options by commas; a comma inside a value is written twice. */
function optionValue(value: string): string {
  return value.replaceAll(',', ',,');
}
