import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { kernelDrops } from '../../src/stream/receive/kernel-drops.ts';
import { until } from './until.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

/**
 * A receiver that waits for a goodbye or a frame which got lost ends by itself (`ended` is `seconds`), so that its test
 * fails with the figures; one that does not even do that is killed.
 */
const MOST_SECONDS = 60;
const KILL_MS = 80_000;

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
  /** Packets by payload type, if any were ignored for it. */
  readonly ignored_payload_types?: Record<string, number>;
  readonly ssrc: number | null;
  readonly ssrc_changes: number;
  readonly stored?: number;
  readonly not_stored?: number;
  readonly not_stored_why?: Record<string, number>;
  readonly ended: string;
  readonly sender_packets?: number;
  /** Unless it is to send none. */
  readonly reports_sent?: number;
  /** Only of an encrypted stream. */
  readonly srtp_refused?: Record<string, number>;
  readonly srtcp_refused?: Record<string, number>;
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
  /** Resolves when it has ended by itself, after a minute at the latest; a code of null: it had to be killed. */
  readonly ended: Promise<ReceiveResult>;
  /** SIGINT, as Ctrl-C. */
  stop(): Promise<ReceiveResult>;
}

/**
 * Start it with `--json`; resolves when it listens on `port` (and so on that of RTCP, which it opens before). Throws what it
 * wrote to stderr when it does not.
 */
export async function startReceive(port: number, ...args: readonly string[]): Promise<ReceiveProcess> {
  const limit = args.includes('--seconds') ? [] : ['--seconds', String(MOST_SECONDS)];
  const receive = run(['receive', '--json', ...args, ...limit]);
  try {
    await until(`cambox receive listens on ${port}`, () => receive.hasEnded() || kernelDrops(port) !== undefined);
    if (!receive.hasEnded()) return receive;
    const { code, stderr } = await receive.ended;
    throw new Error(`cambox receive ended with ${code}: ${stderr}`);
  } catch (failure) {
    await receive[Symbol.asyncDispose]();
    throw failure;
  }
}

function run(args: readonly string[]): ReceiveProcess & { hasEnded(): boolean } {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = setTimeout(() => child.kill('SIGKILL'), KILL_MS).unref();
  const output = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const ended = output.then(([stdout, stderr]) => {
    clearTimeout(kill);
    const summary = stdout === '' ? undefined : (JSON.parse(stdout) as ReceiveSummary);
    return { code: child.exitCode, summary, stderr };
  });
  return {
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    stop() {
      child.kill('SIGINT');
      return ended;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
