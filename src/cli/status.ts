import type { MissedControl } from '../capture/frame-source.ts';
import type { BoxStatus } from '../control/socket/status-query.ts';
import { STATUS_QUERY } from '../control/socket/status-query.ts';
import type { HealthReport } from '../health/build-health.ts';
import type { RemoteReport } from '../stream/remote-report.ts';
import type { SendLatencyReport } from '../stream/send-latency.ts';
import { type CliCommand, EXIT } from './cli-command.ts';
import { askDaemon, SOCKET_OPTION, SOCKET_USAGE } from './daemon-socket.ts';
import { none, readOptions } from './options.ts';

/** The parts of a stream's report that the table shows. */
interface StreamRow extends RemoteReport {
  readonly stream: string;
  readonly packets: number;
  readonly send_errors: object;
}

/** The parts of a camera's description that the table shows. */
interface CameraRow {
  readonly state: string;
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number | null;
  readonly frames: number;
  readonly gaps: number;
  readonly reopened: number;
  readonly warnings: readonly string[];
  readonly recovery: { readonly stage: string | null; readonly faults: object; readonly helped: object };
  readonly latency: SendLatencyReport;
  readonly clips: readonly unknown[];
  readonly streams: readonly StreamRow[];
  readonly error?: { readonly message: string };
  readonly missed_controls?: readonly MissedControl[];
}

export const STATUS: CliCommand = {
  name: 'status',
  summary: 'show what the running daemon does',
  usage: `cambox status [--json]

Exits with 0 when all is well, 1 when something is degraded, 2 when something failed or no daemon runs.

${SOCKET_USAGE}`,

  async run(args, io) {
    const { values, positionals } = readOptions(args, { ...SOCKET_OPTION, json: { type: 'boolean' } });
    none(positionals);
    const status = (await askDaemon(io, values.socket, STATUS_QUERY)) as BoxStatus;
    if (values.json) io.print(JSON.stringify(status));
    else for (const line of describe(status)) io.print(line);
    const health = (status.health as HealthReport).status;
    return health === 'ok' ? EXIT.ok : health === 'degraded' ? EXIT.warning : EXIT.failure;
  },
};

function describe({ box, version, health, cameras }: BoxStatus): string[] {
  const { status, checks } = health as HealthReport;
  return [
    `${box}  cambox ${version}  ${status}`,
    ...checks
      .filter((check) => check.status !== 'ok')
      .map((check) => `  ${check.status} ${check.id} ${check.code ?? ''}: ${check.hint ?? ''}`),
    ...Object.entries(cameras).flatMap(([id, camera]) => describeCamera(id, camera as unknown as CameraRow)),
  ];
}

function describeCamera(id: string, camera: CameraRow): string[] {
  const picture = camera.width === undefined ? '' : `  ${camera.width}x${camera.height} at ${camera.fps ?? '?'} fps`;
  const counts = `${camera.frames} frames, ${camera.gaps} gaps, reopened ${camera.reopened} times`;
  const { p50_ms, p99_ms, max_ms, frames } = camera.latency;
  const warnings = camera.warnings.length === 0 ? '' : `, ${camera.warnings.join(', ')}`;
  return [
    `${id}  ${camera.state}${warnings}${picture}  ${counts}, ${camera.clips.length} clips under way`,
    ...describeRecovery(camera.recovery),
    ...(frames === 0 ? [] : [`  sent after ${p50_ms} ms (99 %: ${p99_ms}, at most: ${max_ms})`]),
    ...(camera.missed_controls ?? []).map(describeMissed),
    ...(camera.error === undefined ? [] : [`  ${camera.error.message}`]),
    ...camera.streams.map((row) =>
      `  rtp ${row.stream}  ${row.packets} packets  ${[arrival(row), errors(row.send_errors)].join('  ')}`.trimEnd(),
    ),
  ];
}

const describeMissed = ({ control, wanted, given, error }: MissedControl): string =>
  `  control ${control}  wanted ${JSON.stringify(wanted)}, ${error ?? `the camera took ${JSON.stringify(given)}`}`;

/** Nothing, as long as there was never anything to recover. */
function describeRecovery({ stage, faults, helped }: CameraRow['recovery']): string[] {
  if (Object.keys(faults).length === 0) return [];
  const cures = Object.keys(helped).length === 0 ? 'nothing' : errors(helped);
  return [`  faults: ${errors(faults)}; helped: ${cures}${stage === null ? '' : `; under way: ${stage}`}`];
}

/** What receivers tell, if any does. */
function arrival({ remote_receivers, remote_loss_pct, remote_jitter_ms, rtt_ms }: StreamRow): string {
  if (remote_receivers === 0) return 'no report of a receiver';
  const roundTrip = rtt_ms === null ? '' : `, round trip ${rtt_ms} ms`;
  return `arrives with loss ${remote_loss_pct} %, jitter ${remote_jitter_ms} ms${roundTrip}`;
}

const errors = (counts: object): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
