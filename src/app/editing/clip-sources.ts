import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { CamboxError } from '../../base/errors.ts';
import type { ClipState } from '../../catalog/clips/clip-record.ts';
import type { ClipArchive } from '../../record/archive/clip-archive.ts';
import type { ChosenClips } from '../../record/clip/chosen-clips.ts';
import { readClipMetadata } from '../../record/clip/clip-metadata-file.ts';
import { type ClipChoice, type FoundClip, findClips } from '../../record/clip/find-clips.ts';

/** A stored clip, as jobs need to know it. */
export interface ClipSource {
  readonly clip: string;
  /** Absolute. */
  readonly path: string;
  /** Empty when it does not tell. */
  readonly camera: string;
  /** The wall clock at its first frame; undefined when it does not tell. */
  readonly startedMs: number | undefined;
  /** Undefined: it is being recorded, or does not tell. */
  readonly durationMs: number | undefined;
}

/** So many are read at a time: a millisecond of the event loop. */
const PAGE = 250;
const NO_FILE: ReadonlySet<ClipState> = new Set(['missing', 'deleting']);

/**
 * Finds clips of the recording folder for jobs: in the catalogue, or as long as that is not open, by reading the folder.
 */
export class ClipSources {
  readonly #dir: string;
  readonly #archive: ClipArchive | undefined;

  constructor(dir: string, archive: ClipArchive | undefined) {
    this.#dir = dir;
    this.#archive = archive?.dir === dir ? archive : undefined;
  }

  /** Also one that is being recorded, or a file that was made of clips. Throws `not_found`. */
  async one(clip: string): Promise<ClipSource> {
    const known = this.#known(clip);
    if (known !== undefined && (await isThere(known.path))) return known;
    for (const name of [`${clip}.mp4`, `${clip}.mp4.partial`]) {
      const path = join(this.#dir, name);
      if (await isThere(path)) return sourceOf({ id: clip, path, metadata: await metadataOf(path) });
    }
    const reason = `there is no such file in ${this.#dir}`;
    throw new CamboxError('not_found', { verb: 'find', thing: `clip ${clip}`, reason }, '/args/clip');
  }

  /** Finished clips, in this order. Throws `not_found`. */
  async these(clips: readonly string[]): Promise<ClipSource[]> {
    const sources = clips.map((clip) => this.#known(clip));
    if (sources.every((source) => source !== undefined)) return sources;
    const found = new Map((await this.#inFolder({ ids: clips })).map((source) => [source.clip, source]));
    return clips.flatMap((clip) => found.get(clip) ?? []);
  }

  /** Finished clips. Throws `not_found`, also when there is none, and `bad_argument` when there are more than `most`. */
  async chosen(choice: ChosenClips, most: number): Promise<readonly [ClipSource, ...ClipSource[]]> {
    const inOrder = await ('camera' in choice
      ? this.begunIn(choice.camera, choice.fromMs ?? 0, choice.untilMs ?? Number.MAX_SAFE_INTEGER, most + 1)
      : this.these(choice));
    const [first, ...others] = inOrder;
    const failed = { verb: 'take', thing: 'stored clips', received: choice } as const;
    if (first === undefined) throw new CamboxError('not_found', { ...failed, reason: 'there are no such clips' });
    if (inOrder.length <= most) return [first, ...others];
    throw new CamboxError('bad_argument', {
      ...{ ...failed, reason: `they are more than ${most}` },
      remedy: 'Choose a shorter span of time',
    });
  }

  /** Clips of a camera that began in a span of the wall clock, the oldest first; `most` at the most. */
  async begunIn(camera: string, fromMs: number, untilMs: number, most: number): Promise<ClipSource[]> {
    if (this.#archive === undefined) {
      return (await this.#inFolder({ camera, sinceMs: fromMs, untilMs })).slice(0, most);
    }
    const found: ClipSource[] = [];
    for (let after = 0; found.length < most; await setImmediate()) {
      const page = this.#archive.ofCamera({ camera, fromMs, untilMs, after, limit: PAGE });
      found.push(...page.map((row) => ({ ...row, camera, path: join(this.#dir, row.file) })));
      after = page.at(-1)?.id ?? 0;
      if (page.length < PAGE) break;
    }
    return found.slice(0, most);
  }

  #known(clip: string): ClipSource | undefined {
    const record = this.#archive?.lookUp(clip) ?? this.#archive?.made.lookUp(`${clip}.mp4`);
    if (record === undefined || ('state' in record && NO_FILE.has(record.state))) return undefined;
    const { camera, file, started_at, duration_ms } = record;
    return { clip, camera, path: join(this.#dir, file), startedMs: Date.parse(started_at), durationMs: duration_ms };
  }

  async #inFolder(choice: Partial<ClipChoice>): Promise<ClipSource[]> {
    const all = { ids: [], camera: undefined, label: undefined, sinceMs: undefined, untilMs: undefined };
    return (await findClips(this.#dir, { ...all, ...choice })).map(sourceOf);
  }
}

const sourceOf = ({ id, path, metadata }: Omit<FoundClip, 'bytes'>): ClipSource => ({
  ...{ clip: id, path, camera: metadata?.beginning.camera ?? '' },
  startedMs: metadata && Date.parse(metadata.outcome?.started_at ?? metadata.beginning.started_at),
  durationMs: metadata?.outcome?.duration_ms,
});

async function metadataOf(path: string): Promise<FoundClip['metadata']> {
  const metadata = await readClipMetadata(path);
  return typeof metadata === 'string' ? undefined : metadata;
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
