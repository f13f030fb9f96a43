import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
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

/** Where uvcsim and its pictures are in the guest. */
const FOLDER = process.env['CAMERA_FOLDER'] ?? '/camera';
const LINKS = '/dev/v4l/by-id';
const SERIAL = 'SIM0001';

/** The links udev made to the camera's nodes: the pictures' first, the metadata's second. */
function links(): string[] {
  try {
    const names = readdirSync(LINKS).filter((name) => name.includes(`_${SERIAL}-video-index`));
    return names.sort().map((name) => `${LINKS}/${name}`);
  } catch {
    return []; // the folder goes away with the last camera
  }
}

/**
 * A USB camera in user space, inside the test VM only: the guest's own uvcvideo driver binds to it (uvcsim behind
 * vhci_hcd). MJPG at 640x480, 1280x720 and 1920x1080, 30, 15 and 5 pictures a second, one control.
 */
export class SimulatedCamera implements AsyncDisposable {
  /** The link to its node; the node's number may change over a replug. */
  readonly path: string;
  /** Its second node, for metadata. */
  readonly metadataPath: string;
  readonly #process: ChildProcessByStdio<Writable, null, null>;

  private constructor(process: ChildProcessByStdio<Writable, null, null>, path: string, metadataPath: string) {
    this.#process = process;
    this.path = path;
    this.metadataPath = metadataPath;
  }

  /** Plug it in. Resolves when both its nodes are there. */
  static async plug(fps = 30): Promise<SimulatedCamera> {
    execFileSync('modprobe', ['-a', 'vhci_hcd', 'uvcvideo']);
    const child = spawn(`${FOLDER}/uvcsim`, [FOLDER, String(fps)], { stdio: ['pipe', 'ignore', 'ignore'] });
    await until('the camera', () => links().length === 2);
    const [path, metadataPath] = links();
    return new SimulatedCamera(child, path!, metadataPath!);
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
    await until('the camera to go', () => links().length === 0);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.unplug();
  }
}
