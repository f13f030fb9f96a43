import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Writable } from 'node:stream';

const POLL_MS = 20;
/** The guest's CPU is emulated: generous. */
const PATIENCE_MS = 20_000;

/** Wait for something that no event tells of: bounded polling of the real kernel. */
export async function until(what: string, isSo: () => boolean, patienceMs = PATIENCE_MS): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`Waited ${patienceMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/**
 * A USB camera in user space, inside the test VM only: the guest's own uvcvideo driver binds to it (uvcsim behind
 * vhci_hcd). MJPG at 640x480 and 1280x720, 30, 15 and 5 pictures a second, one control.
 */
export class SimulatedCamera implements AsyncDisposable {
  /** The link udev makes; the node's number may change over a replug. */
  static readonly PATH = '/dev/v4l/by-id/usb-rig_Rig_UVC_Camera_SIM0001-video-index0';
  /** The camera's second node, for metadata. */
  static readonly METADATA_PATH = '/dev/v4l/by-id/usb-rig_Rig_UVC_Camera_SIM0001-video-index1';

  readonly #process: ChildProcessByStdio<Writable, null, null>;

  private constructor(process: ChildProcessByStdio<Writable, null, null>) {
    this.#process = process;
  }

  /** Plug it in. Resolves when both its nodes are there. `folder` holds the pictures. */
  static async plug(fps = 30, folder = '/opt/rig'): Promise<SimulatedCamera> {
    execFileSync('modprobe', ['-a', 'vhci_hcd', 'uvcvideo']);
    const child = spawn(`${folder}/uvcsim`, [folder, String(fps)], { stdio: ['pipe', 'ignore', 'ignore'] });
    const camera = new SimulatedCamera(child);
    await until('the camera', () => [SimulatedCamera.PATH, SimulatedCamera.METADATA_PATH].every(existsSync));
    return camera;
  }

  /** Inject a fault: "freeze", "thaw", "truncate N", "corrupt N", "err N", "short N", "stall", "fps N". */
  tell(command: string): void {
    this.#process.stdin.write(`${command}\n`);
  }

  /** Pull the plug, now. Resolves when the nodes are gone. */
  async unplug(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    this.tell('unplug');
    await once(this.#process, 'exit');
    await until('the camera to go', () => !existsSync(SimulatedCamera.PATH));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.unplug();
  }
}
