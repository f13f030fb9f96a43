import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const CHECKOUT = join(import.meta.dirname, '..', '..');

/** What these figures need of `cambox status --json`. */
interface Status {
  readonly health: { readonly proc: { readonly frames: { readonly peak_bytes: number } } };
  readonly cameras: Readonly<Record<string, { readonly latency: { readonly p99_ms: number | null } }>>;
}

/** A process that is ended when disposed. */
export interface Running extends AsyncDisposable {
  readonly pid: number;
}

/** cambox as it is installed: the release bundle, its launcher and the pinned Node, in a folder. */
export class BenchCambox {
  readonly #folder: string;
  readonly #launcher: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#launcher = join(folder, 'app/bin/cambox');
  }

  static async build(folder: string): Promise<BenchCambox> {
    execFileSync(process.execPath, ['deploy/dev/build.ts'], { cwd: CHECKOUT, stdio: 'ignore' });
    mkdirSync(join(folder, 'app/bin'), { recursive: true });
    const cambox = new BenchCambox(folder);
    copyFileSync(join(CHECKOUT, 'deploy/bin/cambox'), cambox.#launcher);
    symlinkSync(join(CHECKOUT, 'dist/cambox.mjs'), join(folder, 'app/cambox.mjs'));
    symlinkSync(process.execPath, join(folder, 'app/node'));
    return cambox;
  }

  start(...args: readonly string[]): Running {
    const env = { ...process.env, XDG_CACHE_HOME: this.#folder };
    return running(spawn(this.#launcher, args, { env, stdio: ['ignore', 'ignore', 'inherit'] }));
  }

  /** The daemon with these cameras, and without a broker. */
  run(cameras: readonly object[]): Running & { status(): Promise<Status> } {
    const socket = join(this.#folder, 'control.sock');
    const config = join(this.#folder, 'config.json');
    const frames = { memory_mb: 256 };
    writeFileSync(
      config,
      JSON.stringify({ cameras, frames, control: { socket }, record: { dir: this.#folder, encoder: 'copy' } }),
    );
    const daemon = this.start('run', '--config', config);
    return {
      ...daemon,
      status: async () => {
        const asked = promisify(execFile)(this.#launcher, ['status', '--json', '--socket', socket]);
        // It ends with 1 when something is worth a warning, as a busy machine is.
        const { stdout } = await asked.catch((failure: { stdout: string }) => failure);
        return JSON.parse(stdout);
      },
    };
  }
}

/** A child that is ended with SIGTERM, and waited for. */
export function running(child: ChildProcess): Running {
  const closed = once(child, 'close');
  return {
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await closed;
    },
  };
}
