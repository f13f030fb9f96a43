import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { composeIdPath } from './id-path.ts';
import { readAttribute } from './sysfs-attribute.ts';

/** A USB device as it describes itself. */
export interface UsbIdentity {
  /** Four hexadecimal digits, lower case: "046d". */
  readonly vendorId: string;
  readonly productId: string;
  /** Undefined for the many cameras that have none. */
  readonly serial: string | undefined;
  /** Of the connection, in Mbit/s: 12, 480, 5000; undefined when sysfs does not tell. */
  readonly speedMbps: number | undefined;
}

/** What a video node hangs from. */
export interface DeviceHardware {
  /** Undefined when it is not on USB. */
  readonly usb: UsbIdentity | undefined;
  /** Where it is plugged in, as udev calls it, with the revision of USB in it: see `composeIdPath`. */
  readonly idPath: string | undefined;
}

/** What sysfs says of a node itself. */
export interface NodeFacts {
  /** The device's folder in sysfs, the same for all nodes of one camera; undefined when sysfs does not know the node. */
  readonly device: string | undefined;
  /** Which of its device's nodes it is. A UVC camera: 0 the pictures, 1 the metadata. */
  readonly index: number;
  /** What the driver calls the node. */
  readonly name: string | undefined;
}

/** Read it from `folder`, the node's own in /sys/class/video4linux. Never throws. */
export async function readNodeFacts(folder: string): Promise<NodeFacts> {
  const device = await realpath(join(folder, 'device')).catch(() => undefined);
  const index = Number((await readAttribute(folder, 'index')) ?? 0);
  return { device, index, name: await readAttribute(folder, 'name') };
}

/** `device`: its folder in sysfs. Never throws. */
export async function readDeviceHardware(device: string): Promise<DeviceHardware> {
  return { usb: await readUsb(device), idPath: await composeIdPath(device) };
}

/** The USB device that `device`, one of its interfaces, belongs to. */
async function readUsb(device: string): Promise<UsbIdentity | undefined> {
  for (let at = device; dirname(at) !== at; at = dirname(at)) {
    const vendorId = await readAttribute(at, 'idVendor');
    const productId = await readAttribute(at, 'idProduct');
    if (vendorId === undefined || productId === undefined) continue;
    const speedMbps = Number(await readAttribute(at, 'speed')) || undefined;
    return { vendorId, productId, serial: (await readAttribute(at, 'serial')) || undefined, speedMbps };
  }
  return undefined;
}
