import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { type DeviceHardware, type NodeFacts, readDeviceHardware, readNodeFacts } from './node-hardware.ts';

/** A video node and all that is known of it without opening it. */
export interface DeviceNode extends NodeFacts, DeviceHardware {
  /** "/dev/video0" */
  readonly path: string;
  /** The links udev made to it: stable names, by model and serial number, and by where it is plugged in. */
  readonly byId: readonly string[];
  readonly byPath: readonly string[];
}

/** Where to look; other values are for tests. */
export interface NodeFolders {
  readonly dev: string;
  readonly sysfs: string;
}

export const NODE_FOLDERS: NodeFolders = { dev: '/dev', sysfs: '/sys/class/video4linux' };

/** A folder that is not there is an empty one: /dev/v4l goes away with the last camera. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}

/** The links of a folder by what they point to. A link that points nowhere (just unplugged) is left out. */
async function linksIn(folder: string): Promise<Map<string, string[]>> {
  const byTarget = new Map<string, string[]>();
  for (const name of (await namesIn(folder)).sort()) {
    const link = join(folder, name);
    const target = await realpath(link).catch(() => undefined);
    if (target !== undefined) byTarget.set(target, [...(byTarget.get(target) ?? []), link]);
  }
  return byTarget;
}

const numberOf = (node: string): number => Number(node.slice('video'.length));

/** All /dev/video* nodes, in the order of their numbers. None is opened. Never throws. */
export async function listDeviceNodes(folders: NodeFolders = NODE_FOLDERS): Promise<DeviceNode[]> {
  const nodes = (await namesIn(folders.dev)).filter((name) => /^video\d+$/.test(name));
  nodes.sort((a, b) => numberOf(a) - numberOf(b));
  const byId = await linksIn(join(folders.dev, 'v4l/by-id'));
  const byPath = await linksIn(join(folders.dev, 'v4l/by-path'));
  const hardware = new HardwareOnce();
  return Promise.all(
    nodes.map(async (node) => {
      const path = join(folders.dev, node);
      const facts = await readNodeFacts(join(folders.sysfs, node));
      const links = { byId: byId.get(path) ?? [], byPath: byPath.get(path) ?? [] };
      return { path, ...facts, ...(await hardware.of(facts.device)), ...links };
    }),
  );
}

/** Reads each device once: a Raspberry Pi has a dozen nodes on one. */
class HardwareOnce {
  readonly #read = new Map<string, Promise<DeviceHardware>>();

  of(device: string | undefined): Promise<DeviceHardware> | DeviceHardware {
    if (device === undefined) return { usb: undefined, idPath: undefined };
    const known = this.#read.get(device) ?? readDeviceHardware(device);
    this.#read.set(device, known);
    return known;
  }
}

export const NO_VIDEO_DEVICE = 'There is no video device at all: check the cable and the power, and dmesg';

/** One sentence for an error's remedy: which video devices there are. */
export async function describeDeviceNodes(folders: NodeFolders = NODE_FOLDERS): Promise<string> {
  const nodes = await listDeviceNodes(folders);
  if (nodes.length === 0) return NO_VIDEO_DEVICE;
  const shown = nodes.map((node) => (node.name === undefined ? node.path : `${node.path} (${node.name})`));
  return `Video devices here: ${shown.join(', ')}`;
}
