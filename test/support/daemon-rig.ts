import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunningDaemon } from './running-daemon.ts';

export interface CliResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** `cambox ARGS` of this checkout, run to its end (20 s at most). */
export function cambox(...args: readonly string[]): Promise<CliResult> {
  return new Promise((resolve) => {
    const options = { encoding: 'buffer', timeout: 20_000, killSignal: 'SIGKILL', maxBuffer: 1 << 26 } as const;
    const child = execFile(process.execPath, ['src/main.ts', ...args], options, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr: stderr.toString() }),
    );
  });
}

export const CAMERA = { id: 'front', source: 'synthetic:320x240', fps: 25, pre_roll_s: 2 };

/** A folder of its own with config, socket and clips for a daemon under test. Dispose to remove it. */
export class DaemonRig implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'cambox-daemon-'));
  readonly socket = join(this.folder, 'control.sock');
  readonly clipsDir = join(this.folder, 'clips');
  readonly configPath = join(this.folder, 'config.json');
  readonly #daemons: RunningDaemon[] = [];

  /** Write the config: one synthetic camera unless `changes` say otherwise. */
  configure(changes: object = {}): void {
    const base = { cameras: [CAMERA], control: { socket: this.socket }, record: { dir: this.clipsDir } };
    writeFileSync(this.configPath, JSON.stringify({ ...base, ...changes }));
  }

  /** Configure and start. */
  start(changes: object = {}, env: NodeJS.ProcessEnv = {}): RunningDaemon {
    this.configure(changes);
    const daemon = new RunningDaemon(['--config', this.configPath], { ...process.env, ...env });
    this.#daemons.push(daemon);
    return daemon;
  }

  /** `cambox ARGS --socket …`, for commands that ask the daemon. */
  ask(...args: readonly string[]): Promise<CliResult> {
    return cambox(...args, '--socket', this.socket);
  }

  /** Ends the daemons; they may be started again. */
  async stop(): Promise<void> {
    await Promise.all(this.#daemons.splice(0).map((daemon) => daemon[Symbol.asyncDispose]()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
