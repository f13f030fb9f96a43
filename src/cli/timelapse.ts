import { basename, extname } from 'node:path';
import { timelapseLocally } from '../app/editing/timelapse-locally.ts';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import { CamboxError } from '../base/errors.ts';
import { DEFAULT_QUALITY } from '../record/encoders/encoder-profile.ts';
import type { Pace } from '../record/timelapse/picture-slots.ts';
import { USUAL_SPEED } from '../record/timelapse/timelapse-job.ts';
import { SIDES } from '../record/timelapse/timelapse-size.ts';
import { type CliCommand, type CliIo, EXIT, type ExitCode, UsageError } from './cli-command.ts';
import { chosenClips } from './clips/clip-options.ts';
import { durationOption, numberOption, readOptions, sizeOption } from './options.ts';
import { progressBar } from './progress-bar.ts';

const DEFAULT_MEMORY_MB = 512;
const DEFAULT_FPS = 30;

const OPTIONS = {
  out: { type: 'string' },
  speed: { type: 'string' },
  duration: { type: 'string' },
  fps: { type: 'string' },
  size: { type: 'string' },
  label: { type: 'string' },
  time: { type: 'boolean' },
  font: { type: 'string' },
  crf: { type: 'string' },
  camera: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  dir: { type: 'string' },
  config: { type: 'string' },
  'memory-mb': { type: 'string' },
  ffmpeg: { type: 'string' },
  ffprobe: { type: 'string' },
  json: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof readOptions<typeof OPTIONS>>['values'];

export const TIMELAPSE: CliCommand = {
  name: 'timelapse',
  summary: 'make a fast video of pictures or clips, with a label and the time if you like',
  usage: `cambox timelapse SOURCE... --out FILE.mp4 [options]
cambox timelapse --camera ID [--since TIME] [--until TIME] --out FILE.mp4 [options]

SOURCE is a folder of .jpg or of videos, or such files: all of one kind. Pictures of a folder come in the order of
their names, 2 before 10.
With --camera, --since or --until the clips of the recording directory, the oldest first. What cannot be read is left
out, and told.

  --out FILE.mp4      where it goes; nothing is overwritten
  --speed N           so much faster than it was (videos: ${USUAL_SPEED}); pictures by the time of their Exif, or of their file
  --duration D        so long in all: 30s, 1m; without both of them each picture is shown once
  --fps N             pictures a second (${DEFAULT_FPS})
  --size WxH          black bars fill what other proportions leave (the size of the first one)
  --label TEXT        burn this in
  --time              burn in the time of each picture
  --font FILE         a TrueType font for that (one of this machine)
  --crf N             how good: 18 hardly any loss, 23 usual, 30 rough (${DEFAULT_QUALITY.crf})
  --camera ID, --since TIME, --until TIME   clips of this camera, begun since then: 2026-11-21, 2026-11-21T08:00Z, 12h
  --dir FOLDER, --config FILE   the recording directory, or the config that names it
  --memory-mb N       memory for cambox and ffmpeg together (${DEFAULT_MEMORY_MB})
  --ffmpeg PROGRAM, --ffprobe PROGRAM
  --json              the summary as one JSON object

Exits with 0 when it is done, 1 when something was left out, 2 when it failed.`,

  async run(args, io): Promise<ExitCode> {
    const { values, positionals } = readOptions(args, OPTIONS);
    const bar = progressBar(io, SYSTEM_CLOCK);
    const report = await timelapseLocally(
      {
        out: outOption(values.out),
        pace: paceOption(values),
        fps: numberOption('fps', values.fps, { least: 1, most: 120 }) ?? DEFAULT_FPS,
        size: sizeOption(values.size, SIDES),
        label:
          values.label === undefined && !values.time ? undefined : { text: values.label, time: values.time ?? false },
        font: fontOption(values.font),
        crf: numberOption('crf', values.crf, { least: 0, most: 51, whole: true }) ?? DEFAULT_QUALITY.crf,
        memoryMb: numberOption('memory-mb', values['memory-mb'], { least: 128, most: 1 << 20 }) ?? DEFAULT_MEMORY_MB,
        ffmpeg: values.ffmpeg ?? 'ffmpeg',
        ffprobe: values.ffprobe ?? 'ffprobe',
        sources: await sources(positionals, values, io),
      },
      { clock: SYSTEM_CLOCK, signal: io.signal, onProgress: (share) => bar.show(share, 'timelapse') },
    ).finally(() => bar.clear());
    if (values.json) io.print(JSON.stringify(report));
    else {
      const { path, frames, duration_ms, width, height, used, unreadable, bytes } = report;
      io.print(
        `${path}  ${(duration_ms / 1000).toFixed(2)} s  ${frames} frames  ${width}x${height}  ${(bytes / 1e6).toFixed(1)} MB`,
      );
      io.print(`${used} used, ${unreadable} could not be read`);
      for (const file of report.unreadable_files) io.print(`  ${file.path}: ${file.reason}`);
    }
    return report.unreadable > 0 ? EXIT.warning : EXIT.ok;
  },
};

async function sources(named: readonly string[], values: Values, io: CliIo): Promise<readonly string[]> {
  const { camera, since, until, dir, config } = values;
  const isQuery = camera !== undefined || since !== undefined || until !== undefined;
  if (isQuery === named.length > 0) throw new UsageError('give either SOURCE, or --camera, --since or --until');
  if (!isQuery) return named;
  const clips = await chosenClips([], withoutUndefined({ camera, since, until, dir, config }), io);
  if (clips.length === 0) {
    const reason = 'there are no such clips';
    throw new CamboxError('not_found', {
      verb: 'make',
      thing: 'a timelapse',
      reason,
      received: { camera, since, until },
    });
  }
  return clips.map(({ path }) => path);
}

const withoutUndefined = <T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

function outOption(out: string | undefined): string {
  if (out === undefined) throw new UsageError('--out FILE.mp4 is missing');
  if (extname(out).toLowerCase() === '.mp4' && basename(out) !== '.mp4') return out;
  throw new UsageError(`--out must be the name of an .mp4: received ${out}`);
}

function paceOption({ speed, duration }: Values): Pace | undefined {
  if (speed !== undefined && duration !== undefined) throw new UsageError('give either --speed or --duration');
  const times = numberOption('speed', speed, { least: 0.01, most: 1e6 });
  if (times !== undefined) return { speed: times };
  const durationS = durationOption('duration', duration);
  if (durationS === undefined) return undefined;
  if (durationS > 0) return { durationS };
  throw new UsageError(`--duration must be more than nothing: received ${duration}`);
}

/** What ffmpeg's drawtext takes without quotes. */
function fontOption(font: string | undefined): string | undefined {
  if (font === undefined || /^[\w./-]+$/.test(font)) return font;
  throw new UsageError(`--font must have a name of letters, digits, ., _, - and / only: received ${font}`);
}
