import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type CameraName, isNodeOf } from './camera-name.ts';
import { listDeviceNodes, NODE_FOLDERS, type NodeFolders } from './device-nodes.ts';
import { readNodeFacts } from './node-hardware.ts';

/** A USB device as the kernel names it: bus, port, and the ports of hubs behind it (usb_alloc_dev in its usb.c). */
const USB_DEVICE = /^\d+-\d+(\.\d+)*$/;

/** Whether the camera is plugged in and has a node, as far as can be seen without opening one. */
export async function isPluggedIn(name: CameraName, folders: NodeFolders = NODE_FOLDERS): Promise<boolean> {
  if (name.kind === 'node') return (await nodeBehind(name.path)) !== undefined;
  return (await listDeviceNodes(folders)).some((node) => isNodeOf(name, node));
}

/**
 * The USB device that the camera is, e.g. "1-1.4": its folder in /sys/bus/usb/devices. Undefined when it is not plugged
 * in, or not on USB.
 */
export async function usbPortOf(name: CameraName, folders: NodeFolders = NODE_FOLDERS): Promise<string | undefined> {
  let at = await deviceFolder(name, folders);
  while (at !== undefined && dirname(at) !== at) {
    if (USB_DEVICE.test(basename(at))) return basename(at);
    at = dirname(at);
  }
  return undefined;
}

async function deviceFolder(name: CameraName, folders: NodeFolders): Promise<string | undefined> {
  if (name.kind !== 'node') return (await listDeviceNodes(folders)).find((node) => isNodeOf(name, node))?.device;
  const node = await nodeBehind(name.path);
  return node && (await readNodeFacts(join(folders.sysfs, basename(node)))).device;
}

/** The node at the end of a link. Undefined when there is none: links of udev's go away after it. */
const nodeBehind = (path: string): Promise<string | undefined> => realpath(path).catch(() => undefined);
