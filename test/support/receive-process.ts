import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { kernelDrops } from '../../src/stream/receive/kernel-drops.ts';
import { until } from './until.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

/** A receiver that waits for a goodbye which got lost fails its test, with what it wrote. */
const END_LIMIT_MS = 60_000;

/** The summary that `cambox receive --json` prints. */
export interface ReceiveSummary {
  readonly frames: number;
  readonly lost_frames: number;
  readonly packets: number;
  readonly lost_packets: number;
  readonly reordered: number;
  readonly duplicates: number;
  readonly late_packets: number;
  readonly jitter_ms: number;
  readonly refused: Record<string, number>;
  readonly ignored: Record<string, number>;
  readonly ssrc: number | null;
  readonly ssrc_changes: number;
  readonly stored?: number;
  readonly not_stored?: number;
  readonly ended: string;
  readonly sender_packets?: number;
  readonly rcvbuf_bytes: number;
  readonly kernel_drops: number;
  readonly cpu_ms: number;
}

export interface ReceiveResult {
  readonly code: number | null;
  /** Undefined when it wrote none. */
  readonly summary: ReceiveSummary | undefined;
  readonly stderr: string;
}

/** `cambox receive` in a process of its own. */
export interface ReceiveProcess extends AsyncDisposable {
  /** Resolves when it has ended by itself; it is ended after a minute, with the code null. */
  readonly ended: Promise<ReceiveResult>;
  /** SIGINT, as Ctrl-C. */
  stop(): Promise<ReceiveResult>;
}

/** Start it with `--json`; resolves when it listens on `port`. Throws what it wrote to stderr when it does not. */
export async function startReceive(port: number, ...args: readonly string[]): Promise<ReceiveProcess> {
  const child = spawn(process.execPath, [MAIN, 'receive', '--json', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const limit = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS).unref();
  const output = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const ended = output.then(([stdout, stderr]) => {
    clearTimeout(limit);
    const summary = stdout === '' ? undefined : (JSON.parse(stdout) as ReceiveSummary);
    return { code: child.exitCode, summary, stderr };
  });
  const receive = {
    ended,
    stop() {
      child.kill('SIGINT');
      return ended;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
  await until(`cambox receive listens on ${port}`, () => child.exitCode !== null || kernelDrops(port) !== undefined);
  if (child.exitCode !== null) throw new Error(`cambox receive ended with ${child.exitCode}: ${(await ended).stderr}`);
  return receive;
}
