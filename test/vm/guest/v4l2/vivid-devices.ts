import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Control } from '../../../../src/v4l2/control.ts';
import { setControl } from '../../../../src/v4l2/control-values.ts';
import { listControls, queryControl } from '../../../../src/v4l2/controls.ts';
import type { V4l2Device } from '../../../../src/v4l2/device.ts';

const SYSFS = '/sys/class/video4linux';

/** The node that a driver has named so. */
export function nodeNamed(name: string): string {
  const node = readdirSync(SYSFS).find((entry) => readFileSync(`${SYSFS}/${entry}/name`, 'utf8').trim() === name);
  if (node === undefined) throw new Error(`no video node named ${name}`);
  return `/dev/${node}`;
}

/** vivid, the kernel's own test camera, twice: with the single-planar and with the multi-planar API. */
export class VividDevices {
  /** Loading it anew makes new devices, without what was injected. */
  load(): void {
    execFileSync('modprobe', ['vivid', 'n_devs=2', 'node_types=0x1,0x1', 'multiplanar=1,2']);
  }

  unload(): void {
    execFileSync('modprobe', ['-r', 'vivid']);
  }

  get singlePlanar(): string {
    return nodeNamed('vivid-000-vid-cap');
  }

  get multiPlanar(): string {
    return nodeNamed('vivid-001-vid-cap');
  }
}

/** Listing all takes its time here, and what does not change need not be asked again. */
const known = new Map<string, readonly Control[]>();

/** A control of a device by its name, of one of these kinds, as it is now. */
export async function controlNamed<K extends Control['kind']>(
  device: V4l2Device,
  name: string,
  ...kinds: K[]
): Promise<Control & { readonly kind: K }> {
  const controls = known.get(device.capabilities.bus) ?? (await listControls(device));
  known.set(device.capabilities.bus, controls);
  const found = controls.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no control ${name}`);
  const control = await queryControl(device, found);
  if (control === undefined || !(kinds as string[]).includes(control.kind)) throw new Error(`${name}: ${found.kind}`);
  return control as Control & { readonly kind: K };
}

export async function press(device: V4l2Device, button: string): Promise<void> {
  await setControl(device, await controlNamed(device, button, 'button'), 1);
}
