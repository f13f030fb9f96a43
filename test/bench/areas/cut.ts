import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childrenCpuMs, cpuMsOf } from '../child-cpu.ts';
import { comparedFigure, type Figure, figure } from '../figure.ts';

const SECONDS = 180;
const EVERY_S = 15;
const CHECKOUT = join(import.meta.dirname, '../../..');
const SCENE = `testsrc2=s=1280x720:r=30:d=${SECONDS}`;

interface Summary {
  readonly took_ms: number;
  readonly clips: readonly { readonly peak_memory_bytes: number; readonly cpu_ms: number; readonly bytes: number }[];
}

/**
 * What it costs to cut three minutes of 720p30 H.264 with AAC into twelve clips: CPU time of everything, cambox itself and
 * its probe of the file included; as peer what people usually type, `-i` before `-ss`, one clip after the other.
 */
export async function* measure(): AsyncGenerator<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-cut-'));
  try {
    const input = join(folder, 'in.mp4');
    makeInput(input);
    const naive = await naiveCut(input, folder);
    for (const accuracy of ['copy', 'exact'] as const) {
      const out = join(folder, accuracy);
      const args = ['cut', input, '--every', String(EVERY_S), '--accuracy', accuracy, '--out', out, '--json'];
      const before = childrenCpuMs();
      const text = execFileSync(process.execPath, [join(CHECKOUT, 'src/main.ts'), ...args], { encoding: 'utf8' });
      const cpuS = (childrenCpuMs() - before) / 1000;
      const { clips, took_ms } = JSON.parse(text) as Summary;
      yield comparedFigure(`cut.cpu_s.${accuracy}`, cpuS, 's', 'ffmpeg_i_before_ss', naive.cpuS);
      yield figure(`cut.ffmpeg_cpu_s.${accuracy}`, clips.reduce((sum, { cpu_ms }) => sum + cpu_ms, 0) / 1000, 's');
      yield comparedFigure(`cut.took_s.${accuracy}`, took_ms / 1000, 's', 'ffmpeg_i_before_ss', naive.tookS);
      yield figure(
        `cut.peak_rss.${accuracy}`,
        Math.max(...clips.map((clip) => clip.peak_memory_bytes)) / 2 ** 20,
        'MB',
      );
      yield figure(`cut.bytes.${accuracy}`, clips.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6, 'MB');
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** As a camera or a phone would have it: key frames two seconds apart. */
function makeInput(path: string): void {
  const input = ['-v', 'error', '-f', 'lavfi', '-i', SCENE, '-f', 'lavfi', '-i', `sine=f=440:r=48000:d=${SECONDS}`];
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '60', '-pix_fmt', 'yuv420p'];
  execFileSync('ffmpeg', [...input, ...video, '-c:a', 'aac', path]);
}

/** The same preset and quality; every clip decodes the file from its beginning. */
async function naiveCut(input: string, folder: string): Promise<{ readonly cpuS: number; readonly tookS: number }> {
  const startedAt = performance.now();
  let cpuMs = 0;
  for (let start = 0; start < SECONDS; start += EVERY_S) {
    const range = ['-ss', String(start), '-t', String(EVERY_S)];
    const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '23', '-c:a', 'copy'];
    const output = join(folder, `naive-${start}.mp4`);
    cpuMs += await cpuMsOf('ffmpeg', ['-v', 'error', '-nostdin', '-i', input, ...range, ...encode, output]);
  }
  return { cpuS: cpuMs / 1000, tookS: (performance.now() - startedAt) / 1000 };
}
