import { asCamboxError, type CamboxError } from '../base/errors.ts';
import type { Capabilities } from './capabilities.ts';
import { type ControlState, readControls } from './control-groups.ts';
import { V4l2Device } from './device.ts';
import { type DeviceNode, listDeviceNodes, NODE_FOLDERS, type NodeFolders } from './device-nodes.ts';
import { type FrameSize, listFormats, listFrameSizes, type PixelFormat } from './formats.ts';
import { type FrameRate, listFrameRates } from './frame-rate.ts';
import { findHolders, type Holder } from './holders.ts';

export interface SizeSummary {
  readonly size: FrameSize;
  readonly rates: readonly FrameRate[];
}

export interface FormatSummary extends PixelFormat {
  readonly sizes: readonly SizeSummary[];
}

/** A video node and all it says about itself. */
export interface DeviceSummary extends DeviceNode {
  /** Undefined when it could not be opened. */
  readonly capabilities: Capabilities | undefined;
  readonly captures: boolean;
  /** Empty for nodes that do not capture video, as are the controls. */
  readonly formats: readonly FormatSummary[];
  readonly controls: readonly ControlState[];
  /** Other programs that have it open. */
  readonly holders: readonly Holder[];
  /** Why it could not be asked (no permission, unplugged meanwhile). */
  readonly problem: CamboxError | undefined;
}

/** Whether a node is a camera's for pictures, not its metadata's, an encoder's or a loudspeaker's. */
export const capturesVideo = ({ roles }: Capabilities): boolean =>
  roles.includes('video_capture') || roles.includes('video_capture_mplane');

/** The formats of an open device with their sizes and rates. */
export async function summariseFormats(device: V4l2Device): Promise<FormatSummary[]> {
  const summaries: FormatSummary[] = [];
  for (const format of await listFormats(device)) {
    const sizes: SizeSummary[] = [];
    for (const size of await listFrameSizes(device, format.fourcc)) {
      const probe = size.kind === 'discrete' ? size : { width: size.maxWidth, height: size.maxHeight };
      sizes.push({ size, rates: await listFrameRates(device, format.fourcc, probe) });
    }
    summaries.push({ ...format, sizes });
  }
  return summaries;
}

async function summarise(node: DeviceNode, holders: readonly Holder[]): Promise<DeviceSummary> {
  const nothing = { capabilities: undefined, captures: false, formats: [], controls: [], problem: undefined };
  try {
    await using device = await V4l2Device.open(node.path);
    const { capabilities } = device;
    if (!capturesVideo(capabilities)) return { ...node, ...nothing, capabilities, holders };
    const formats = await summariseFormats(device);
    const controls = await readControls(device);
    return { ...node, ...nothing, capabilities, captures: true, formats, controls, holders };
  } catch (thrown) {
    return { ...node, ...nothing, holders, problem: asCamboxError(thrown, 'ask', node.path) };
  }
}

/**
 * All video nodes of this machine with what they offer; an empty list when there is none. Asking does not disturb a
 * program that streams. Never throws: a node that cannot be asked tells why.
 */
export async function listDevices(folders: NodeFolders = NODE_FOLDERS): Promise<DeviceSummary[]> {
  const nodes = await listDeviceNodes(folders);
  const holders = await findHolders(...nodes.map(({ path }) => path));
  const summaries: DeviceSummary[] = [];
  for (const node of nodes) summaries.push(await summarise(node, holders.get(node.path) ?? []));
  return summaries;
}
