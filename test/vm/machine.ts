import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** The memory of the smallest box that cambox is made for. */
const GUEST_MEMORY_MB = 512;

/** What setup.sh makes: folders of the host. */
export interface MachineParts {
  /** The guest's disk, kernel and initramfs. */
  readonly image: string;
  /** uvcsim and its pictures. */
  readonly camera: string;
}

/** What a guest has beside that. */
export interface MachineExtras {
  /** A file of the host that is the guest's second disk, /dev/vdb, and keeps what is written. */
  readonly disk?: string;
}

/** Runs setup.sh, which does nothing when all is there already. */
export async function setUp(): Promise<MachineParts> {
  const child = spawn(join(import.meta.dirname, 'setup.sh'), { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const lines = (await child.stdout.toArray()).join('').trim().split('\n');
  const [code] = await closed;
  const [image, camera] = lines;
  if (code !== 0 || image === undefined || camera === undefined) {
    throw new Error(`Cannot set up the VM: test/vm/setup.sh ended with ${code}; it says above why`);
  }
  return { image, camera };
}

/**
 * The command line of QEMU. Its standard input and output are the guest's serial port `cambox.agent`.
 *
 * @param folders shared with the guest, by the name that they get there; it can write to `share` only
 */
export function qemuArguments(
  image: string,
  consoleLog: string,
  folders: Readonly<Record<string, string>>,
  { disk }: MachineExtras = {},
): string[] {
  const shares = Object.entries(folders).flatMap(([tag, path]) => [
    '-virtfs',
    // multidevs=remap: a folder with mount points in it would otherwise show equal inode numbers
    `local,path=${optionValue(path)},mount_tag=${tag},security_model=none,multidevs=remap,readonly=${tag === 'share' ? 'off' : 'on'}`,
  ]);
  const kernelArguments = [
    'root=/dev/vda console=ttyS0 quiet loglevel=4 panic=-1 audit=0',
    // Emulation is slow: leave out what protects against neighbours that a test does not have.
    'mitigations=off nokaslr cryptomgr.notests random.trust_cpu=on systemd.firstboot=off systemd.show_status=0',
  ];
  return [
    ['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none'],
    // Nehalem: the plainest CPU that Node runs on; newer ones cost emulation time.
    ['-machine', 'q35', '-accel', 'tcg,thread=multi,tb-size=512', '-cpu', 'Nehalem', '-smp', '2'],
    ['-m', String(GUEST_MEMORY_MB)],
    ['-kernel', join(image, 'vmlinuz'), '-initrd', join(image, 'initrd.gz'), '-append', kernelArguments.join(' ')],
    // snapshot=on: what the guest writes goes to a file that is deleted already.
    ['-drive', `file=${optionValue(join(image, 'root.ext4'))},format=raw,if=virtio,cache=unsafe,snapshot=on`],
    // What the guest has given to its disk is in the file at once, whatever becomes of QEMU.
    disk === undefined ? [] : ['-drive', `file=${optionValue(disk)},format=raw,if=virtio,cache=unsafe`],
    ['-device', 'virtio-rng-pci', '-serial', `file:${optionValue(consoleLog)}`],
    ['-device', 'virtio-serial-pci', '-chardev', 'stdio,id=agent,signal=off'],
    ['-device', 'virtserialport,chardev=agent,name=cambox.agent'],
    shares,
  ].flat();
}

/** QEMU separates options by commas; a comma inside a value is written twice. */
function optionValue(value: string): string {
  return value.replaceAll(',', ',,');
}
