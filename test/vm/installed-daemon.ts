import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CAMERA_NAME, type CameraSize } from './usb-camera.ts';
import type { Vm } from './vm.ts';

export const BOX = 'vm-box';
export const TOPICS = `cambox/v1/${BOX}`;
export const CAMERA = 'front';
const SDP = '/run/cambox/front.sdp';

/** cambox in the guest, installed as docs say and run by systemd. */
export class InstalledDaemon {
  readonly #vm: Vm;

  constructor(vm: Vm) {
    this.#vm = vm;
  }

  async install(): Promise<string> {
    return this.#vm.sh('sh /checkout/deploy/install.sh', 120);
  }

  /** Writes the config: one camera by the name that our udev rules give it, one RTP receiver on loopback. */
  async configure(size: CameraSize, fps: number, broker: string): Promise<void> {
    const [width, height] = size.split('x').map(Number);
    const source = `/dev/cambox/by-serial/${CAMERA_NAME}`;
    const config = {
      box: { id: BOX },
      cameras: [
        {
          id: CAMERA,
          source,
          width,
          height,
          fps,
          rtp: [{ host: '127.0.0.1', port: 5004, sdp_file: SDP }],
          pre_roll_s: 3,
        },
      ],
      mqtt: { url: broker, health_interval_s: 2 },
    };
    await writeFile(join(this.#vm.share, 'config.json'), JSON.stringify(config, undefined, 2));
    await this.#vm.sh('install -m 644 /share/config.json /etc/cambox/config.json');
  }

  /** Returns once the daemon said READY=1 (`systemctl start` waits for it). On failure the journal tells why. */
  async start(): Promise<void> {
    await this.#vm.sh('systemctl start cambox || { journalctl --no-pager -u cambox | tail -n 40; exit 1; }', 100);
  }

  async stop(): Promise<void> {
    await this.#vm.sh('systemctl stop cambox');
  }

  /** Properties of the unit, as `systemctl show` tells them. */
  async show<Name extends string>(...names: Name[]): Promise<Record<Name, string>> {
    const lines = (await this.#vm.sh(`systemctl show cambox --property=${names.join(',')}`)).trim().split('\n');
    return Object.fromEntries(
      lines.map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]),
    ) as Record<Name, string>;
  }

  /** The hashes of the next pictures, as an ffmpeg receiver in the guest decodes them from RTP. */
  async receivePictures(count: number): Promise<readonly string[]> {
    await this.#vm.until('the session description is written', `[ -e ${SDP} ]`);
    return pictureHashes(this.#vm, `-protocol_whitelist file,udp,rtp -i ${SDP} -frames:v ${count}`);
  }
}

/** MD5 of every decoded picture of an input, in order. */
export async function pictureHashes(vm: Vm, input: string): Promise<readonly string[]> {
  const output = await vm.sh(`ffmpeg -nostdin -v fatal ${input} -fps_mode passthrough -f framehash -hash md5 -`, 120);
  return output
    .split('\n')
    .filter((line) => /^\d/.test(line))
    .map((line) => line.split(',').at(-1)!.trim());
}
