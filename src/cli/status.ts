import type { BoxStatus } from '../control/socket/status-query.ts';
import { STATUS_QUERY } from '../control/socket/status-query.ts';
import type { HealthReport } from '../health/build-health.ts';
import { type CliCommand, EXIT } from './cli-command.ts';
import { askDaemon, SOCKET_OPTION, SOCKET_USAGE } from './daemon-socket.ts';
import { readOptions } from './options.ts';

/** The parts of a camera's description that the table shows. */
interface CameraRow {
  readonly state: string;
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number | null;
  readonly frames: number;
  readonly gaps: number;
  readonly reopened: number;
  readonly clips: readonly unknown[];
  readonly streams: readonly { readonly stream: string; readonly packets: number; readonly send_errors: object }[];
  readonly error?: { readonly message: string };
}

export const STATUS: CliCommand = {
  name: 'status',
  summary: 'show what the running daemon does',
  usage: `cambox status [--json]

Exits with 0 when all is well, 1 when something is degraded, 2 when something failed or no daemon runs.

${SOCKET_USAGE}`,

  async run(args, io) {
    const { values } = readOptions(args, { ...SOCKET_OPTION, json: { type: 'boolean' } });
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
  return [
    `${id}  ${camera.state}${picture}  ${counts}, ${camera.clips.length} clips under way`,
    ...(camera.error === undefined ? [] : [`  ${camera.error.message}`]),
    ...camera.streams.map(
      ({ stream, packets, send_errors }) => `  rtp ${stream}  ${packets} packets  ${errors(send_errors)}`,
    ),
  ];
}

const errors = (counts: object): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
