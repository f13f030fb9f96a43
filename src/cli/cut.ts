import { cutLocally, type LocalCutOutcome } from '../app/editing/cut-locally.ts';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import { ACCURACIES } from '../record/cut/cut-order.ts';
import type { CutRange } from '../record/cut/cut-ranges.ts';
import { DEFAULT_QUALITY } from '../record/encoders/encoder-profile.ts';
import { type CliCommand, EXIT, type ExitCode, UsageError } from './cli-command.ts';
import { clipJson, clipLines } from './cut-text.ts';
import { choiceOption, numberOption, only, readOptions } from './options.ts';
import { progressBar } from './progress-bar.ts';
import { videoTimeOption } from './video-time-option.ts';

const DEFAULT_MEMORY_MB = 512;

export const CUT: CliCommand = {
  name: 'cut',
  summary: 'cut a video into clips, exact to the frame, without encoding it anew',
  usage: `cambox cut FILE --every S [options]
cambox cut FILE --start S [--duration S] [--start S [--duration S] ...] [options]

FILE is anything that ffmpeg reads. Times are seconds (90, 90.5), M:SS, H:MM:SS.mmm, or end in s, m or h; 0 is the first
picture. The clips are FILE's name with -001.mp4, -002.mp4 and so on.

  --every S              clips of this length, one behind the other
  --start S              a clip from here on; as often as there are clips
  --duration S           how long the clip of the --start before it is; without it to the end
  --out FOLDER           where the clips go, made when it is missing (the current one); nothing is overwritten
  --accuracy copy        as it is stored, in no time: players show exactly what was asked for, and the file carries what
                         lies between the last key frame and the first picture along, unseen (the default)
  --accuracy exact       encoded anew (H.264): the file holds nothing else
  --crf N                how good that is: 18 hardly any loss, 23 usual, 30 rough (${DEFAULT_QUALITY.crf})
  --jobs N               how many ffmpegs run at a time (one a core, three at most)
  --memory-mb N          memory for cambox and them together (${DEFAULT_MEMORY_MB})
  --ffmpeg PROGRAM, --ffprobe PROGRAM
  --json                 the summary as one JSON object

Exits with 0 when every clip is there, 1 when the file has less than was asked for or was damaged, 2 when a clip failed.`,

  async run(args, io): Promise<ExitCode> {
    const { values, positionals, ranges } = readCutOptions(args);
    const bar = progressBar(io, SYSTEM_CLOCK);
    const startedAt = SYSTEM_CLOCK.now();
    const outcomes = await cutLocally(
      {
        input: only(positionals, 'FILE'),
        ranges,
        out: values.out ?? '.',
        accuracy: choiceOption('accuracy', values.accuracy, ACCURACIES) ?? 'copy',
        crf: numberOption('crf', values.crf, { least: 0, most: 51, whole: true }) ?? DEFAULT_QUALITY.crf,
        jobs: numberOption('jobs', values.jobs, { least: 1, most: 64, whole: true }),
        memoryMb: numberOption('memory-mb', values['memory-mb'], { least: 128, most: 1 << 20 }) ?? DEFAULT_MEMORY_MB,
        ffmpeg: values.ffmpeg ?? 'ffmpeg',
        ffprobe: values.ffprobe ?? 'ffprobe',
      },
      {
        clock: SYSTEM_CLOCK,
        signal: io.signal,
        onProgress: (share, clips, of) => bar.show(share, `${clips}/${of} clips`),
      },
    ).finally(() => bar.clear());
    const tookMs = Math.round((SYSTEM_CLOCK.now() - startedAt) / 1000);
    if (values.json) io.print(JSON.stringify(summary(outcomes, tookMs)));
    else for (const line of clipLines(outcomes, tookMs)) io.print(line);
    return exitCode(outcomes);
  },
};

function readCutOptions(args: readonly string[]) {
  const { tokens, ...parsed } = readOptions(args, {
    every: { type: 'string' },
    start: { type: 'string', multiple: true },
    duration: { type: 'string', multiple: true },
    out: { type: 'string' },
    accuracy: { type: 'string' },
    crf: { type: 'string' },
    jobs: { type: 'string' },
    'memory-mb': { type: 'string' },
    ffmpeg: { type: 'string' },
    ffprobe: { type: 'string' },
    json: { type: 'boolean' },
  });
  const everyUs = videoTimeOption('every', parsed.values.every);
  const ranges: CutRange[] = [];
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (token.name === 'start')
      ranges.push({ startUs: videoTimeOption('start', token.value) ?? 0, durationUs: undefined });
    if (token.name !== 'duration') continue;
    const range = ranges.pop();
    if (range === undefined || range.durationUs !== undefined) {
      throw new UsageError('--duration belongs to the --start before it, one to each: --start 10 --duration 5');
    }
    ranges.push({ ...range, durationUs: positive('duration', videoTimeOption('duration', token.value)) });
  }
  if ((everyUs === undefined) === (ranges.length === 0)) throw new UsageError('give either --every S or --start S');
  return { ...parsed, ranges: everyUs === undefined ? ranges : { everyUs: positive('every', everyUs) } };
}

function positive(name: string, us: number | undefined): number {
  if (us !== undefined && us > 0) return us;
  throw new UsageError(`--${name} must be more than nothing: received ${us}`);
}

const summary = (outcomes: readonly LocalCutOutcome[], tookMs: number) => ({
  clips: outcomes.map(clipJson),
  took_ms: tookMs,
});

function exitCode(outcomes: readonly LocalCutOutcome[]): ExitCode {
  const made = outcomes.filter(({ ok }) => ok);
  const failed = outcomes.some((outcome) => !outcome.ok && outcome.error !== undefined);
  if (failed || made.length === 0) return EXIT.failure;
  return made.length < outcomes.length || made.some((outcome) => outcome.ok && outcome.clip.warnings.length > 0)
    ? EXIT.warning
    : EXIT.ok;
}
