import { asCamboxError, type CamboxError } from '../base/errors.ts';
import type { Capabilities } from './capabilities.ts';
import { V4l2Device } from './device.ts';
import { type DeviceNode, listDeviceNodes, NODE_FOLDERS, type NodeFolders } from './device-nodes.ts';
import { type FrameSize, listFormats, listFrameSizes, type PixelFormat } from './formats.ts';
import { type FrameRate, listFrameRates } from './frame-rate.ts';

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
  /** Empty for nodes that do not capture video. */
  readonly formats: readonly FormatSummary[];
  /** Why it could not be asked (no permission, unplugged meanwhile). */
  readonly problem: CamboxError | undefined;
}

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

async function summarise(node: DeviceNode): Promise<DeviceSummary> {
  try {
    await using device = await V4l2Device.open(node.path);
    const { capabilities } = device;
    const captures = capabilities.roles.includes('video_capture');
    return { ...node, capabilities, formats: captures ? await summariseFormats(device) : [], problem: undefined };
  } catch (thrown) {
    const problem = asCamboxError(thrown, 'ask', node.path);
    return { ...node, capabilities: undefined, formats: [], problem };
  }
}

/**
 * All video nodes of this machine with what they offer; an empty list when there is none. Asking does not disturb a
 * program that streams. Never throws: a node that cannot be asked tells why.
 */
export async function listDevices(folders: NodeFolders = NODE_FOLDERS): Promise<DeviceSummary[]> {
  const summaries: DeviceSummary[] = [];
  for (const node of await listDeviceNodes(folders)) summaries.push(await summarise(node));
  return summaries;
}
