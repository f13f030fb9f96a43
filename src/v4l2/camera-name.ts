import type { DeviceNode } from './device-nodes.ts';
import { hasUsbRevision, withoutUsbRevision } from './id-path.ts';

/** A name of a camera that stays when /dev/videoN changes. All but `node` are looked up in sysfs; udev is not needed. */
export type CameraName =
  /** A node, or any link to it: /dev/video0, /dev/v4l/by-id/… */
  | { readonly kind: 'node'; readonly path: string }
  /** By model, and with a serial number the very camera. Ids are four lower-case hexadecimal digits. */
  | { readonly kind: 'usb'; readonly vendorId: string; readonly productId: string; readonly serial: string | undefined }
  | { readonly kind: 'serial'; readonly serial: string }
  /** The port it is plugged into, whatever the camera: see `composeIdPath`. `index` tells its nodes apart. */
  | { readonly kind: 'path'; readonly idPath: string; readonly index: number | undefined };

/** udev's links in /dev/v4l/by-path end so. */
const INDEX_SUFFIX = /-video-index(\d+)$/;

/** Undefined when the text is no name of a camera. */
export function parseCameraName(text: string): CameraName | undefined {
  if (text.startsWith('/dev/')) return { kind: 'node', path: text };
  const usb = /^usb:([0-9a-f]{4}):([0-9a-f]{4})(?::(.+))?$/i.exec(text);
  if (usb !== null) {
    const [, vendorId, productId, serial] = usb;
    return { kind: 'usb', vendorId: vendorId!.toLowerCase(), productId: productId!.toLowerCase(), serial };
  }
  const [, serial] = /^serial:(.+)$/.exec(text) ?? [];
  if (serial !== undefined) return { kind: 'serial', serial };
  const [, path] = /^path:(.+)$/.exec(text) ?? [];
  if (path === undefined) return undefined;
  const [, index] = INDEX_SUFFIX.exec(path) ?? [];
  const idPath = path.replace(INDEX_SUFFIX, '');
  return { kind: 'path', idPath, index: index === undefined ? undefined : Number(index) };
}

/** The inverse of `parseCameraName`. */
export function cameraNameText(name: CameraName): string {
  switch (name.kind) {
    case 'node':
      return name.path;
    case 'usb':
      return ['usb', name.vendorId, name.productId, ...(name.serial === undefined ? [] : [name.serial])].join(':');
    case 'serial':
      return `serial:${name.serial}`;
    case 'path':
      return `path:${name.idPath}${name.index === undefined ? '' : `-video-index${name.index}`}`;
  }
}

/** Whether the node is one of the camera's. */
export function isNodeOf(name: CameraName, node: DeviceNode): boolean {
  const { usb } = node;
  switch (name.kind) {
    case 'node':
      return node.path === name.path || node.byId.includes(name.path) || node.byPath.includes(name.path);
    case 'usb': {
      const isModel = usb?.vendorId === name.vendorId && usb.productId === name.productId;
      return isModel && (name.serial === undefined || usb.serial === name.serial);
    }
    case 'serial':
      return usb?.serial === name.serial;
    case 'path':
      return isPluggedInAt(name.idPath, node) && (name.index ?? node.index) === node.index;
  }
}

/** What we make of sysfs and what udev says; they differ where a newer udev knows a bus that we do not. */
function isPluggedInAt(wanted: string, { idPath, byPath }: DeviceNode): boolean {
  const links = byPath.map((link) => link.slice(link.lastIndexOf('/') + 1).replace(INDEX_SUFFIX, ''));
  const paths = idPath === undefined ? links : [idPath, ...links];
  return paths.some((path) => wanted === (hasUsbRevision(wanted) ? path : withoutUsbRevision(path)));
}

/** The names that a node's camera goes by, the best for a config first: what it is, then where it is plugged in. */
export function namesOf({ usb, idPath, byId, byPath }: DeviceNode): string[] {
  const names: CameraName[] = [];
  if (usb !== undefined) names.push({ kind: 'usb', ...usb });
  if (usb?.serial !== undefined) names.push({ kind: 'serial', serial: usb.serial });
  if (idPath !== undefined) names.push({ kind: 'path', idPath: withoutUsbRevision(idPath), index: undefined });
  return [...names.map(cameraNameText), ...byId, ...byPath];
}
