import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import type { Config } from '../../config/config.ts';
import { type DeviceNode, listDeviceNodes } from '../../v4l2/device-nodes.ts';
import { type Examination, type Finding, fail, ok, warn } from './finding.ts';

const GROUP = 'video';

/** Whether video devices are there, and whether this user and the service may use them. None is opened. */
export async function* examineCameras({ cameras }: Config): Examination {
  const nodes = await listDeviceNodes();
  const wanted = cameras.filter(({ source }) => /^(\/dev\/|usb:|serial:|path:)/.test(source));
  if (nodes.length === 0 && wanted.length > 0) {
    const names = wanted.map(({ id }) => id).join(', ');
    yield fail(
      'cameras',
      `the config names ${names}, and there is no video device`,
      'Check cable and power, and dmesg',
    );
    return;
  }
  if (nodes.length === 0) yield ok('cameras', 'no video device, and the config names none');
  const group = await groupId(GROUP);
  for (const node of nodes) yield await permission(node, group);
}

async function permission({ path }: DeviceNode, video: number | undefined): Promise<Finding> {
  const id = `camera.${path}`;
  const { username } = userInfo();
  const refused = await access(path, constants.R_OK | constants.W_OK).then(
    () => undefined,
    (failure: NodeJS.ErrnoException) => failure.code,
  );
  if (refused !== undefined) {
    return fail(
      id,
      `${username} may not use it (${refused})`,
      `sudo usermod -aG ${GROUP} ${username}, and log in anew`,
    );
  }
  const { gid, mode } = await stat(path);
  const isShared = gid === video && (mode & 0o060) === 0o060;
  if (isShared || (mode & 0o006) === 0o006) return ok(id, `may be used by ${username} and by group ${GROUP}`);
  return warn(
    id,
    `does not belong to group ${GROUP}, in which the service is`,
    `Give it to the group by a udev rule: SUBSYSTEM=="video4linux", GROUP="${GROUP}", MODE="0660"`,
  );
}

/** From /etc/group; undefined when there is no such group. */
async function groupId(name: string): Promise<number | undefined> {
  const groups = await readFile('/etc/group', 'utf8').catch(() => '');
  const found = new RegExp(`^${name}:[^:]*:(\\d+):`, 'm').exec(groups)?.[1];
  return found === undefined ? undefined : Number(found);
}
