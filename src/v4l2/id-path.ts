import { readlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { readAttribute } from './sysfs-attribute.ts';

/** Buses that udev names by themselves and the device on them. Cameras are on these, or on USB below one of them. */
const NAMED_BUSES = ['pci', 'platform', 'amba', 'acpi'];

/**
 * Where a device is plugged in, as udev calls it (its property ID_PATH_WITH_USB_REVISION):
 * "platform-fd500000.pcie-pci-0000:01:00.0-usbv2-0:1.2:1.0". Made of sysfs alone, by the rule of udev's builtin path_id:
 * up from the device, one part for each chain of parents on the same bus. `device` is a real path in sysfs. Undefined
 * for hardware that udev has no path for either. Never throws.
 */
export async function composeIdPath(device: string): Promise<string | undefined> {
  const parts: string[] = [];
  let isUnique = false;
  for (let at = device; dirname(at) !== at; at = dirname(at)) {
    const bus = await busOf(at);
    const name = basename(at);
    if (bus === 'usb' && name.includes('-')) {
      at = await topOfBus(at, bus);
      // "1-1.2:1.0" is interface 1.0 of what is at port 2 of the hub at port 1; the bus number 1 may change
      parts.unshift(`usb${await usbRevision(at)}-0:${name.slice(name.indexOf('-') + 1)}`);
    } else if (bus !== undefined && NAMED_BUSES.includes(bus)) {
      at = await topOfBus(at, bus);
      parts.unshift(`${bus}-${name}`);
      isUnique = true;
    }
  }
  return isUnique ? parts.join('-') : undefined;
}

/** ID_PATH itself: what all versions of udev make links of. */
export const withoutUsbRevision = (idPath: string): string => idPath.replace(/\busbv\d-/, 'usb-');
export const hasUsbRevision = (idPath: string): boolean => withoutUsbRevision(idPath) !== idPath;

/** "usb"; undefined for a folder that is no device. */
async function busOf(device: string): Promise<string | undefined> {
  const link = await readlink(`${device}/subsystem`).catch(() => undefined);
  return link === undefined ? undefined : basename(link);
}

async function topOfBus(device: string, bus: string): Promise<string> {
  let top = device;
  while ((await busOf(dirname(top))) === bus) top = dirname(top);
  return top;
}

/** The hubs of one controller for USB 2 and 3 count their ports both from 1. By bDeviceProtocol (USB 2.0 §11.23.1). */
async function usbRevision(rootHub: string): Promise<'v1' | 'v2' | 'v3' | ''> {
  switch (await readAttribute(rootHub, 'bDeviceProtocol')) {
    case '00':
      return (await readAttribute(rootHub, 'speed')) === '480' ? 'v2' : 'v1';
    case '01':
    case '02':
      return 'v2';
    case '03':
      return 'v3';
    default:
      return '';
  }
}
