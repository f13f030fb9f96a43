import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { NodeFolders } from '../../src/v4l2/device-nodes.ts';

type Attributes = Readonly<Record<string, string>>;
/** A device's folder, the bus it is on ('' for none), and its attributes. */
type Device = readonly [name: string, bus: string, attributes?: Attributes];

export interface UsbCameraFacts {
  /** The port's path on the bus: "1-1.2". */
  readonly port: string;
  readonly vendorId: string;
  readonly productId: string;
  readonly serial?: string;
  readonly name?: string;
  /** Numbers of its /dev/videoN, in the order of their index. */
  readonly nodes: readonly number[];
  /** Number of the USB interface that its nodes hang from (0). */
  readonly interface?: number;
  /** What the root hub hangs from, from the top of /sys/devices down. */
  readonly controller?: readonly Device[];
  /** bDeviceProtocol and speed of the root hub ("01", 480). */
  readonly rootHub?: { readonly protocol: string; readonly speed: string };
}

const PI_4: readonly Device[] = [
  ['platform', ''],
  ['fd500000.pcie', 'platform'],
  ['pci0000:00', ''],
  ['0000:00:00.0', 'pci'],
  ['0000:01:00.0', 'pci'],
];

/**
 * A folder with /dev, /sys and /run/udev as the kernel and udev lay them out. The nodes are plain files: names, links and
 * attributes are all that counts. Dispose to remove it.
 */
export class DeviceTree implements Disposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'cambox-devices-')));
  readonly folders: NodeFolders = { dev: join(this.root, 'dev'), sysfs: join(this.root, 'sys/class/video4linux') };
  readonly udevDatabase = join(this.root, 'run/udev/data');

  constructor() {
    for (const folder of [this.folders.dev, this.folders.sysfs, this.udevDatabase])
      mkdirSync(folder, { recursive: true });
  }

  /** Path inside the tree. */
  at(...parts: readonly string[]): string {
    return join(this.root, ...parts);
  }

  write(path: string, content = ''): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), content);
  }

  /** `path` becomes a link to `target`, both inside the tree. */
  link(path: string, target: string): void {
    const link = this.at(path);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(relative(dirname(link), this.at(target)), link);
  }

  /** A chain of devices, each below the one before. Returns the path of the last; those that are there stay. */
  devices(chain: readonly Device[], from = 'sys/devices'): string {
    let path = from;
    for (const [name, bus, attributes = {}] of chain) {
      path = join(path, name);
      if (existsSync(this.at(path))) continue;
      mkdirSync(this.at(path), { recursive: true });
      if (bus !== '') this.link(join(path, 'subsystem'), `sys/bus/${bus}`);
      for (const [attribute, value] of Object.entries(attributes)) this.write(join(path, attribute), `${value}\n`);
    }
    return path;
  }

  /** A video node of a device: in sysfs and in /dev. */
  node(number: number, device: string, index: number, name = 'HD Camera'): void {
    const folder = `${device}/video4linux/video${number}`;
    this.write(`${folder}/index`, `${index}\n`);
    this.write(`${folder}/name`, `${name}\n`);
    this.link(`${folder}/device`, device);
    this.link(`sys/class/video4linux/video${number}`, folder);
    this.write(`dev/video${number}`);
  }

  /** Plug in a USB camera, by default at a Raspberry Pi 4. */
  plug(camera: UsbCameraFacts): void {
    const { port, controller = PI_4, rootHub = { protocol: '01', speed: '480' }, vendorId, productId } = camera;
    const [bus, ports] = [port.slice(0, port.indexOf('-')), port.split('.')];
    const hubs = ports.slice(1).map((_, i): Device => [ports.slice(0, i + 1).join('.'), 'usb']);
    const serial: Attributes = camera.serial === undefined ? {} : { serial: camera.serial };
    const device = this.devices([
      ...controller,
      [`usb${bus}`, 'usb', { bDeviceProtocol: rootHub.protocol, speed: rootHub.speed }],
      ...hubs,
      [port, 'usb', { idVendor: vendorId, idProduct: productId, speed: '480', ...serial }],
      [`${port}:1.${camera.interface ?? 0}`, 'usb'],
    ]);
    for (const [index, number] of camera.nodes.entries()) this.node(number, device, index, camera.name);
  }

  /** The kernel's part of unplugging. */
  unplug(...numbers: readonly number[]): void {
    for (const number of numbers) {
      rmSync(this.at(`dev/video${number}`));
      rmSync(this.at(`sys/class/video4linux/video${number}`));
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true });
  }
}
