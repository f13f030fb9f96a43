import { readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';

export interface DeviceNode {
  /** "/dev/video0" */
  readonly path: string;
  /** What the driver calls the device; undefined when sysfs does not tell. Known without opening it. */
  readonly name: string | undefined;
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

async function driverName(sysfs: string, node: string): Promise<string | undefined> {
  const text = await readFile(join(sysfs, node, 'name'), 'utf8').catch(() => undefined);
  return text?.trim();
}

const numberOf = (node: string): number => Number(node.slice('video'.length));

/** All /dev/video* nodes, in the order of their numbers. None is opened. Never throws. */
export async function listDeviceNodes(folders: NodeFolders = NODE_FOLDERS): Promise<DeviceNode[]> {
  const nodes = (await namesIn(folders.dev)).filter((name) => /^video\d+$/.test(name));
  nodes.sort((a, b) => numberOf(a) - numberOf(b));
  const byId = await linksIn(join(folders.dev, 'v4l/by-id'));
  const byPath = await linksIn(join(folders.dev, 'v4l/by-path'));
  return Promise.all(
    nodes.map(async (node) => {
      const path = join(folders.dev, node);
      const name = await driverName(folders.sysfs, node);
      return { path, name, byId: byId.get(path) ?? [], byPath: byPath.get(path) ?? [] };
    }),
  );
}

/** One sentence for an error's remedy: which video devices there are. */
export async function describeDeviceNodes(folders: NodeFolders = NODE_FOLDERS): Promise<string> {
  const nodes = await listDeviceNodes(folders);
  if (nodes.length === 0) return 'There is no video device at all: check the cable and the power, and dmesg';
  const shown = nodes.map((node) => (node.name === undefined ? node.path : `${node.path} (${node.name})`));
  return `Video devices here: ${shown.join(', ')}`;
}
