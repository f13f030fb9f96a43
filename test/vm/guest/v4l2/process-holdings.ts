import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

/** What this process holds of video devices. */
export interface Holdings {
  readonly devices: number;
  readonly dmaBuffers: number;
  readonly memoryMaps: number;
  /** Epoll instances: Node has some of its own. */
  readonly epolls: number;
  readonly timers: number;
}

export function holdings(): Holdings {
  const targets = readdirSync('/proc/self/fd').map(targetOf);
  const maps = readFileSync('/proc/self/maps', 'utf8').split('\n');
  const count = (lines: readonly string[], text: string): number => lines.filter((line) => line.includes(text)).length;
  return {
    devices: count(targets, '/dev/video'),
    dmaBuffers: count(targets, '/dmabuf'),
    memoryMaps: count(maps, '/dev/video') + count(maps, '/dmabuf'),
    epolls: count(targets, '[eventpoll]'),
    timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
  };
}

function targetOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return ''; // that of the listing itself
  }
}
