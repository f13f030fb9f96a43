import { CamboxError } from '../base/errors.ts';
import { type CameraName, cameraNameText, isNodeOf, namesOf } from './camera-name.ts';
import { V4l2Device } from './device.ts';
import { type DeviceNode, listDeviceNodes, NO_VIDEO_DEVICE, NODE_FOLDERS, type NodeFolders } from './device-nodes.ts';
import { capturesVideo } from './discovery.ts';

/** Whether a node captures video: opens it for a moment. Throws as `V4l2Device.open`. */
export type NodeTest = (path: string) => Promise<boolean>;

const capturesNow: NodeTest = async (path) => {
  await using device = await V4l2Device.open(path);
  return capturesVideo(device.capabilities);
};

/**
 * The node to open for a camera, as it is called now: a path or a link as it stands, any other name looked up in sysfs. Of a
 * camera's nodes it is the first that captures video. Throws `not_found` (no such camera; the error lists those there are)
 * and `conflict` (several; it lists how to tell them apart).
 */
export async function findCamera(
  name: CameraName,
  folders: NodeFolders = NODE_FOLDERS,
  captures: NodeTest = capturesNow,
): Promise<string> {
  if (name.kind === 'node') return name.path;
  const nodes = await listDeviceNodes(folders);
  const [camera, ...others] = groupByDevice(nodes.filter((node) => isNodeOf(name, node)));
  if (camera === undefined) throw noCameraError(name, nodes);
  if (others.length > 0) throw severalError(name, [camera, ...others]);
  return captureNode(camera, captures);
}

/** The nodes of one device after the other, each in the order of their index. */
export function groupByDevice<Node extends DeviceNode>(nodes: readonly Node[]): (readonly Node[])[] {
  const groups = new Map<string, Node[]>();
  for (const node of nodes) {
    const device = node.device ?? node.path;
    groups.set(device, [...(groups.get(device) ?? []), node]);
  }
  return [...groups.values()].map((group) => group.sort((a, b) => a.index - b.index));
}

/** A node that cannot be asked is taken as well: whoever opens it next learns why, in the words for that. */
async function captureNode(nodes: readonly DeviceNode[], captures: NodeTest): Promise<string> {
  for (const { path } of nodes) {
    if (nodes.length === 1 || (await captures(path).catch(() => true))) return path;
  }
  return nodes[0]!.path;
}

function noCameraError(name: CameraName, nodes: readonly DeviceNode[]): CamboxError {
  const others = groupByDevice(nodes).map(
    ([node]) => `${namesOf(node!)[0] ?? node!.path} (${node!.name ?? node!.path})`,
  );
  return new CamboxError('not_found', {
    verb: 'open',
    thing: 'the camera',
    reason: 'none of that name is connected',
    received: cameraNameText(name),
    remedy: others.length === 0 ? NO_VIDEO_DEVICE : `Connected: ${others.join(', ')}`,
  });
}

function severalError(name: CameraName, cameras: readonly (readonly DeviceNode[])[]): CamboxError {
  const nodes = cameras.map(([node]) => node!);
  const shown = distinctNames(nodes).map((distinct, i) => `${distinct} (${nodes[i]!.name ?? nodes[i]!.path})`);
  return new CamboxError('conflict', {
    verb: 'open',
    thing: 'the camera',
    reason: `${cameras.length} cameras go by that name`,
    received: cameraNameText(name),
    remedy: `Take one of: ${shown.join(', ')}`,
  });
}

/** Cameras of one model without serial numbers, or with the same, are told apart only by where they are plugged in. */
function distinctNames(nodes: readonly DeviceNode[]): string[] {
  const byIdentity = nodes.map((node) => namesOf(node)[0] ?? node.path);
  if (new Set(byIdentity).size === nodes.length) return byIdentity;
  return nodes.map(({ path, idPath }) => (idPath === undefined ? path : `path:${idPath}`));
}
