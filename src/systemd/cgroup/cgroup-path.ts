import { join } from 'node:path';

/**
 * The folder of the control group that a process is in, from its /proc/PID/cgroup and /proc/PID/mountinfo (cgroups(7),
 * proc_pid_mountinfo(5)); undefined where no cgroup v2 is mounted or the group is not below the mount. On hybrid systems
 * cgroup v2 is mounted beside v1, without controllers.
 */
export function ownCgroupFolder(cgroup: string, mountinfo: string): string | undefined {
  const path = /^0::(\/.*)$/m.exec(cgroup)?.[1];
  const mount = cgroup2Mount(mountinfo);
  if (path === undefined || mount === undefined || path.startsWith('/..')) return undefined;
  const { root, point } = mount;
  if (root === '/') return join(point, path);
  // a part of the hierarchy is mounted here
  if (path !== root && !path.startsWith(`${root}/`)) return undefined;
  return join(point, path.slice(root.length));
}

interface Mount {
  /** What of the hierarchy is mounted. */
  readonly root: string;
  readonly point: string;
}

function cgroup2Mount(mountinfo: string): Mount | undefined {
  for (const line of mountinfo.split('\n')) {
    // ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG…] - TYPE SOURCE OPTIONS
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root, point] = before.split(' ');
    if (after.split(' ')[0] !== 'cgroup2' || root === undefined || point === undefined) continue;
    return { root: unescaped(root), point: unescaped(point) };
  }
  return undefined;
}

/** Blanks and backslashes stand as three octal digits. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
