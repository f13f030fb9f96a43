/** Records until it is killed: argv[2] is the directory. Prints one JSON line once frames have gone to ffmpeg. */
import { cameraPictures } from './mjpeg-pictures.ts';
import { clipRequest, ffmpegChildren, RecorderRig } from './recorder-rig.ts';

const FRAMES = 60;
const rig = new RecorderRig(cameraPictures(10), { dir: process.argv[2]! });
await rig.recorder.start(clipRequest('crash'));
await rig.pushMany(rig.clock.now(), FRAMES);
await rig.queueBelow(1);
process.stdout.write(`${JSON.stringify({ ffmpeg: ffmpegChildren()[0]!.pid, frames: FRAMES })}\n`);
setInterval(() => undefined, 1000);
