import { readFileSync } from 'node:fs';

/** Column of a socket's own address and port, and of the packets it dropped, in /proc/net/udp (proc_net_udp(5)). */
const LOCAL = 1;
const DROPS = 12;

/**
 * Packets that the kernel dropped because the receive buffer of the UDP sockets on `port` was full; undefined where the
 * kernel does not tell.
 */
export function kernelDrops(port: number): number | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  let drops: number | undefined;
  for (const table of ['/proc/net/udp', '/proc/net/udp6']) {
    for (const line of readTable(table)) {
      const columns = line.trim().split(/\s+/);
      if (columns[LOCAL]?.endsWith(suffix)) drops = (drops ?? 0) + Number(columns[DROPS]);
    }
  }
  return Number.isNaN(drops) ? undefined : drops;
}

function readTable(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch (failure) {
    // No such table: this kernel has no IPv6, or /proc is not mounted.
    if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw failure;
  }
}
