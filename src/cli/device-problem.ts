import { constants, type Stats } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import type { CamboxError } from '../base/errors.ts';

/** Why a node cannot be asked and what to do about it, in a line. */
export async function describeProblem(path: string, problem: CamboxError): Promise<string> {
  const isForbidden = await access(path, constants.R_OK | constants.W_OK).then(
    () => false,
    (thrown: NodeJS.ErrnoException) => thrown.code === 'EACCES',
  );
  if (isForbidden) return describePermission(await stat(path));
  if (problem.code === 'not_found' || problem.code === 'device_lost') {
    return 'no device is behind it: plug the camera in again, and see dmesg';
  }
  return problem.message;
}

const GROUP_MAY_USE = 0o060;

async function describePermission({ gid, mode }: Stats): Promise<string> {
  const group = await groupName(gid);
  if ((mode & GROUP_MAY_USE) !== GROUP_MAY_USE || gid === 0) {
    return `no permission, it is for root alone (mode ${(mode & 0o777).toString(8)}): use sudo`;
  }
  return `no permission: sudo usermod -aG ${group} ${userInfo().username}, then log in again`;
}

/** /etc/group: "video:x:44:alice,bob" */
async function groupName(gid: number): Promise<string> {
  const lines = (await readFile('/etc/group', 'utf8').catch(() => '')).split('\n');
  const entry = lines.map((line) => line.split(':')).find((fields) => fields[2] === String(gid));
  return entry?.[0] ?? String(gid);
}
