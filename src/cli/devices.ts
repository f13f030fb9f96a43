import { NO_VIDEO_DEVICE } from '../v4l2/device-nodes.ts';
import { listDevices } from '../v4l2/discovery.ts';
import { type CliCommand, EXIT } from './cli-command.ts';
import { daemonCameras } from './daemon-cameras.ts';
import { SOCKET_OPTION, SOCKET_USAGE } from './daemon-socket.ts';
import { type CameraReport, reportDevices } from './device-report.ts';
import { cameraJson } from './devices-json.ts';
import { describeCamera } from './devices-text.ts';
import { none, readOptions } from './options.ts';
import { wrapAfter } from './text-columns.ts';

export const DEVICES: CliCommand = {
  name: 'devices',
  summary: 'list the cameras of this machine and what they offer',
  usage: `cambox devices [--json]

Names for the config that stay, formats with their sizes and rates, controls with what they are set to, and who has a
camera open. Does not disturb who streams. Exits with 1 when there is no camera, or one cannot be asked.

${SOCKET_USAGE}`,

  async run(args, io) {
    const { values, positionals } = readOptions(args, { ...SOCKET_OPTION, json: { type: 'boolean' } });
    none(positionals);
    const devices = await reportDevices(await listDevices(), await daemonCameras(io, values.socket));
    const lines = values.json ? [JSON.stringify(devices.map(cameraJson))] : describe(devices);
    for (const line of lines) io.print(line);
    const isWell = devices.some(({ isCamera }) => isCamera) && !devices.some(hasProblem);
    return isWell ? EXIT.ok : EXIT.warning;
  },
};

const hasProblem = ({ nodes }: CameraReport): boolean => nodes.some(({ problem }) => problem !== undefined);

/** Cameras as blocks with a blank line between; encoders and the like, of which a Raspberry Pi has a dozen, in short. */
function describe(devices: readonly CameraReport[]): string[] {
  const cameras = devices.filter(({ isCamera }) => isCamera).map(describeCamera);
  const others = devices.filter(({ isCamera }) => !isCamera).flatMap(({ nodes }) => nodes);
  const shown = others.map(({ summary }) => `${summary.path} (${summary.name ?? 'unknown'})`);
  const blocks = [
    ...(cameras.length > 0 ? cameras : [[NO_VIDEO_DEVICE.replace('video device', 'camera')]]),
    ...(shown.length > 0 ? [wrapAfter('No cameras: ', shown, ', ')] : []),
  ];
  return blocks.flatMap((block, i) => (i === 0 ? block : ['', ...block]));
}
