import { existsSync } from 'node:fs';
import { CamboxError } from '../../base/errors.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig, parseConfig } from '../../config/load-config.ts';
import { StoredCatalogue } from '../../record/archive/stored-catalogue.ts';
import { type ClipChoice, type FoundClip, findClips } from '../../record/clip/find-clips.ts';
import type { CliIo } from '../cli-command.ts';
import { wallTimeOption } from '../wall-time-option.ts';

/** Options and help text of the commands about stored clips. */
export const CLIP_OPTIONS = {
  camera: { type: 'string' },
  label: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  dir: { type: 'string' },
  config: { type: 'string' },
} as const;

export const CLIP_USAGE = `  --camera ID     of this camera only
  --label TEXT    of this label only
  --since TIME    started since: 2026-11-21, 2026-11-21T08:00 (local time), or 30m, 12h, 7d ago
  --until TIME    started before that
  --dir FOLDER    the recording directory (record.dir of the config)
  --config FILE   the config of the service (/etc/cambox/config.json)`;

const CONFIG = '/etc/cambox/config.json';

type ClipValues = { readonly [Name in keyof typeof CLIP_OPTIONS]?: string };

/**
 * The clips of the recording folder that are wanted, as `findClips`; where there is a catalogue its labels and times count, which may have
 * been put right since the files were written. Throws UsageError, too.
 */
export async function chosenClips(
  ids: readonly string[],
  values: ClipValues,
  io: CliIo,
  more: Pick<ClipChoice, 'mayBeGone'> = {},
): Promise<readonly FoundClip[]> {
  const dir = recordDir(values, io);
  using catalogue = catalogueOf(dir, io);
  const known = catalogue && { known: (id: string) => catalogue.lookUp(id) };
  return await findClips(dir, { ...clipChoice(ids, values, Date.now()), ...more, ...known });
}

/** Undefined where there is none, or none that can be read: clips tell of themselves. */
function catalogueOf(dir: string, io: CliIo): StoredCatalogue | undefined {
  try {
    return StoredCatalogue.open(dir);
  } catch (failure) {
    if (!(failure instanceof CamboxError)) throw failure;
    if (failure.code !== 'not_found') io.note(`${failure.message}. What the files say of themselves counts.`);
    return undefined;
  }
}

const clipChoice = (ids: readonly string[], values: ClipValues, nowMs: number): ClipChoice => ({
  ids,
  camera: values.camera,
  label: values.label,
  sinceMs: timeMs('since', values.since, nowMs),
  untilMs: timeMs('until', values.until, nowMs),
});

function timeMs(name: string, value: string | undefined, nowMs: number): number | undefined {
  const time = wallTimeOption(name, value, nowMs);
  return time === undefined ? undefined : Date.parse(time);
}

/** Where the clips are. Throws `bad_config`. */
export function recordDir({ dir, config }: ClipValues, io: CliIo): string {
  return dir ?? recordConfig(config, io).dir;
}

/** The programs of the config; they read clips of any folder. Throws `bad_config`. */
export function recordPrograms({ config }: ClipValues, io: CliIo): Pick<Config['record'], 'ffmpeg' | 'ffprobe'> {
  const { ffmpeg, ffprobe } = recordConfig(config, io);
  return { ffmpeg, ffprobe };
}

function recordConfig(config: string | undefined, io: CliIo): Config['record'] {
  const file = config ?? CONFIG;
  if (config !== undefined || existsSync(file)) return loadConfig(file, io.env).record;
  return parseConfig({}, {}, 'defaults').record;
}
