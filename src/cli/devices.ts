import { type DeviceSummary, listDevices, type SizeSummary } from '../v4l2/discovery.ts';
import type { FrameRate } from '../v4l2/frame-rate.ts';
import { type CliCommand, EXIT } from './cli-command.ts';
import { readOptions } from './options.ts';

export const DEVICES: CliCommand = {
  name: 'devices',
  summary: 'list the cameras of this machine and what they offer',
  usage: `cambox devices [--json]

Driver, bus, stable names (for the config), and formats with their sizes and rates. Does not disturb who streams.`,

  async run(args, io) {
    const { values } = readOptions(args, { json: { type: 'boolean' } });
    const devices = await listDevices();
    if (values.json) io.print(JSON.stringify(devices.map(toJson)));
    else if (devices.length === 0) io.print('no video device: check cable and power, and dmesg');
    else for (const device of devices) for (const line of describe(device)) io.print(line);
    return devices.some((device) => device.problem !== undefined) ? EXIT.warning : EXIT.ok;
  },
};

const toJson = ({ problem, ...device }: DeviceSummary): object => ({
  ...device,
  ...(problem && { problem: { code: problem.code, message: problem.message } }),
});

function describe({ path, byId, byPath, capabilities, formats, problem }: DeviceSummary): string[] {
  if (problem !== undefined) return [path, `  ${problem.message}`];
  return [
    `${path}  ${capabilities?.card} (${capabilities?.driver}, ${capabilities?.bus})`,
    ...[...byId, ...byPath].map((link) => `  ${link}`),
    ...formats.flatMap((format) => [
      `  ${format.fourcc}  ${format.description}`,
      ...format.sizes.map((size) => `    ${describeSize(size)}`),
    ]),
  ];
}

function describeSize({ size, rates }: SizeSummary): string {
  const text =
    size.kind === 'discrete'
      ? `${size.width}x${size.height}`
      : `${size.minWidth}x${size.minHeight} to ${size.maxWidth}x${size.maxHeight}`;
  return `${text}  ${rates.map(describeRate).join(', ')} fps`;
}

const round = (fps: number): string => String(Math.round(fps * 100) / 100);

const describeRate = (rate: FrameRate): string =>
  rate.kind === 'discrete' ? round(rate.fps) : `${round(rate.minFps)} to ${round(rate.maxFps)}`;
