/**
 * paced-source.ts FILE FPS: plays a file's pictures as `cambox stream` does, and sends them nowhere: what is left of its
 * cost is that of sending.
 */
import { openSource } from '../../src/app/camera/open-source.ts';
import { SYSTEM_CLOCK } from '../../src/base/clock.ts';
import { SILENT } from '../../src/base/logger.ts';
import { FrameArena } from '../../src/frame/frame-arena.ts';

const ARENA_BYTES = 40e6;
const [source = '', fps] = process.argv.slice(2);

const deps = { arena: new FrameArena(ARENA_BYTES), clock: SYSTEM_CLOCK, logger: SILENT };
await using frames = await openSource({ source, fps: Number(fps), loop: true }, deps);
for await (const frame of frames.frames(new AbortController().signal)) frame.release();
