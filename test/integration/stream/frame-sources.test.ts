import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { openSource } from '../../../src/app/camera/open-source.ts';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { SILENT } from '../../../src/base/logger.ts';
import type { FrameSource } from '../../../src/capture/frame-source.ts';
import type { FrameArena } from '../../../src/frame/frame-arena.ts';
import { frameSourceContract } from '../../support/frame-source-contract.ts';
import { ffmpegJpegs, syntheticJpeg } from '../../support/jpegs.ts';

/** The contract of every FrameSource, on files and made pictures; the VM test holds it against a real camera. */

const folder = mkdtempSync(join(tmpdir(), 'cambox-sources-'));
after(() => rmSync(folder, { recursive: true }));

const file = join(folder, 'five.mjpeg');
writeFileSync(file, ffmpegJpegs(5, '160x120', ['-huffman', 'default']));
const pictures = join(folder, 'pictures');
mkdirSync(pictures);
for (let i = 0; i < 3; i++) writeFileSync(join(pictures, `${i}.jpg`), syntheticJpeg(160, 120, i));

const open =
  (source: string, fps: number | undefined, loop: boolean) =>
  (arena: FrameArena): Promise<FrameSource> =>
    openSource({ source, fps, loop }, { arena, clock: SYSTEM_CLOCK, logger: SILENT });

frameSourceContract('synthetic, paced', open('synthetic:320x240', 100, false));
frameSourceContract('synthetic, unpaced', open('synthetic:320x240', undefined, false));
frameSourceContract('replay of a file in a loop', open(file, 100, true));
frameSourceContract('replay of a folder in a loop, unpaced', open(pictures, undefined, true));
