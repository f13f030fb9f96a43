import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CameraSize, UsbCamera } from './usb-camera.ts';
import { CHECKOUT, type Vm } from './vm.ts';

const BOX = 'vm-box';
export const TOPICS = `cambox/v1/${BOX}`;
export const CAMERA = 'front';
/** Where the config that is used when none is given puts them. */
export const CLIPS = '/var/lib/cambox/clips';
const SDP = '/run/cambox/front.sdp';

/** What `npm run build` does, for the guest to install. */
export async function buildBundle(): Promise<void> {
  await promisify(execFile)(process.execPath, ['deploy/dev/build.ts'], { cwd: CHECKOUT });
}

/** cambox in the guest, installed with deploy/install.sh and run by systemd. */
export class InstalledDaemon {
  readonly #vm: Vm;

  constructor(vm: Vm) {
    this.#vm = vm;
  }

  async install(): Promise<void> {
    await this.#vm.sh('sh /checkout/deploy/install.sh', 120);
  }

  /** Writes the config: one camera by the name that our udev rules give it, one RTP receiver on loopback. */
  async configure(
    camera: UsbCamera,
    size: CameraSize,
    fps: number,
    broker: string,
    controls: Readonly<Record<string, number>> = {},
  ): Promise<void> {
    const [width, height] = size.split('x').map(Number);
    const source = `/dev/cambox/by-serial/${camera.name}`;
    const rtp = [{ host: '127.0.0.1', port: 5004, sdp_file: SDP }];
    await this.configureCameras([{ id: CAMERA, source, width, height, fps, controls, rtp, pre_roll_s: 3 }], broker);
  }

  /** `groups`: other groups of the config. */
  async configureCameras(cameras: readonly object[], broker: string, groups: object = {}): Promise<void> {
    // No encoder is probed in the background: the emulated processor has enough to do.
    const record = { encoder: 'copy' };
    const config = { box: { id: BOX }, cameras, record, mqtt: { url: broker, health_interval_s: 2 }, ...groups };
    await writeFile(join(this.#vm.share, 'config.json'), JSON.stringify(config, undefined, 2));
    await this.#vm.sh('install -m 644 /share/config.json /etc/cambox/config.json');
  }

  /** Returns once the daemon said READY=1 (`systemctl start` waits for it). On failure the journal tells why. */
  async start(): Promise<void> {
    await this.#vm.sh('systemctl start cambox || { journalctl --no-pager -u cambox | tail -n 40; exit 1; }', 100);
  }

  /** A property of the unit, as `systemctl show` tells it. */
  async show(property: string): Promise<string> {
    return (await this.#vm.sh(this.showCommand(property))).trim();
  }

  showCommand(property: string): string {
    return `systemctl show cambox --property=${property} --value`;
  }

  /** Open files by what they are, memory maps of devices, and threads of the daemon: what a fault may leave behind. */
  async holdings(): Promise<Readonly<Record<string, number>>> {
    const output = await this.#vm.sh(`
      cd /proc/$(systemctl show cambox --property=MainPID --value)
      for fd in fd/*; do readlink $fd || :; done | sed 's/:.*//; s,^/dev/video.*,video,' | sort | uniq -c
      echo "$(grep -c /dev/video maps || :) video maps"
      echo "$(ls task | wc -l) threads"`);
    const rows = output
      .trim()
      .split('\n')
      .map((line) => /^\s*(\d+) (.*)$/.exec(line));
    return Object.fromEntries(rows.map((row) => [row![2]!, Number(row![1])]));
  }

  /** The hashes of the next pictures, as an ffmpeg receiver in the guest decodes them from RTP. */
  async receivePictures(count: number): Promise<readonly string[]> {
    await this.#vm.until('the session description is written', `[ -e ${SDP} ]`);
    return pictureHashes(this.#vm, `-protocol_whitelist file,udp,rtp -i ${SDP} -frames:v ${count}`);
  }
}

/** MD5 of every picture that ffmpeg decodes from an input, in order. */
export async function pictureHashes(vm: Vm, input: string): Promise<readonly string[]> {
  const output = await vm.sh(`ffmpeg -nostdin -v fatal ${input} -fps_mode passthrough -f framehash -hash md5 -`, 120);
  const rows = output.split('\n').filter((line) => /^\d/.test(line)); // stream, dts, pts, duration, size, hash
  return rows.map((row) => row.split(',').at(-1)!.trim());
}
