import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { CamboxError } from '../../base/errors.ts';
import type { FoundClip } from '../clip/find-clips.ts';
import type { ExportSource, ExportTarget } from './export-target.ts';
import { hashFile } from './hash-file.ts';
import {
  isFileName,
  MANIFEST_NAME,
  type ManifestEntry,
  manifestText,
  PROGRESS_NAME,
  parseManifest,
  SUMS_NAME,
  sumsText,
} from './manifest.ts';
import type { Seal } from './seal.ts';

/** What became of a clip: `present` was there already; `failed` could not be read. */
export interface ExportedClip {
  readonly clip: string;
  readonly outcome: 'copied' | 'present' | 'failed';
  readonly file: string;
  readonly bytes: number;
  readonly problem?: string;
}

export interface ExportDeps {
  readonly signal: AbortSignal;
  /** Told of each clip when it is done. */
  onClip(clip: ExportedClip): void;
}

const READ_BYTES = 1 << 16;
/** Progress is written when what was copied since is so many times as large: of ten thousand small clips it takes megabytes. */
const WORTH_LISTING = 16;

/**
 * Export clips, one after the other: what the target has already (by the hash of the clip) is left alone, so that an export
 * that was broken off goes on where it was. Beside the files stand a manifest and SHA256SUMS, of this export and those before
 * into the same target; the manifest comes last. A clip that cannot be read does not keep the others from being exported.
 * Throws what the target throws: all that was exported until then stays, and is known to the next export.
 */
export async function exportClips(
  clips: readonly FoundClip[],
  target: ExportTarget,
  seal: Seal | undefined,
  { signal, onClip }: ExportDeps,
): Promise<readonly ExportedClip[]> {
  const entries = await entriesAt(target);
  const done: ExportedClip[] = [];
  let unlistedBytes = 0;
  for (const clip of clips) {
    signal.throwIfAborted();
    const { entry, ...exported } = await exportOne(clip, target, seal, entries, signal);
    if (entry !== undefined && exported.outcome === 'copied') {
      entries.set(entry.file, entry);
      unlistedBytes += entry.bytes;
      const progress = manifestText([...entries.values()]);
      if (unlistedBytes >= progress.length * WORTH_LISTING) {
        await putText(target, PROGRESS_NAME, progress);
        unlistedBytes = 0;
      }
    }
    done.push(exported);
    onClip(exported);
  }
  const files = [...entries.values()].toSorted((a, b) => (a.file < b.file ? -1 : 1));
  await putText(target, SUMS_NAME, sumsText(files));
  await putText(target, MANIFEST_NAME, manifestText(files));
  await target.remove(PROGRESS_NAME);
  return done;
}

/** By file: what earlier exports have left there, the one that was broken off included. */
async function entriesAt(target: ExportTarget): Promise<Map<string, ManifestEntry>> {
  const entries = new Map<string, ManifestEntry>();
  for (const name of [MANIFEST_NAME, PROGRESS_NAME]) {
    const text = await target.readText(name);
    for (const entry of parseManifest(text ?? '') ?? []) entries.set(entry.file, entry);
  }
  return entries;
}

async function exportOne(
  clip: FoundClip,
  target: ExportTarget,
  seal: Seal | undefined,
  entries: ReadonlyMap<string, ManifestEntry>,
  signal: AbortSignal,
): Promise<ExportedClip & { readonly entry?: ManifestEntry }> {
  const file = `${clip.id}.mp4${seal === undefined ? '' : '.age'}`;
  if (!isFileName(file)) {
    const problem = 'its name has control characters, or is too long: give it another one';
    return { clip: clip.id, outcome: 'failed', file, bytes: 0, problem };
  }
  let clipHash: string;
  try {
    clipHash = await hashFile(clip.path, signal);
  } catch (failure) {
    signal.throwIfAborted();
    return { clip: clip.id, outcome: 'failed', file, bytes: 0, problem: (failure as Error).message };
  }
  const known = entries.get(file);
  if (known !== undefined && isSame(known, clipHash, seal) && (await target.has(file, known.bytes, known.sha256))) {
    return { clip: clip.id, outcome: 'present', file, bytes: known.bytes, entry: known };
  }
  try {
    const stored = await store(clip, file, clipHash, target, seal);
    return {
      clip: clip.id,
      outcome: 'copied',
      file,
      bytes: stored.bytes,
      entry: entryOf(clip, clipHash, stored, seal),
    };
  } catch (failure) {
    if (!(failure instanceof CamboxError && failure.code === 'bad_input')) throw failure;
    return { clip: clip.id, outcome: 'failed', file, bytes: 0, problem: failure.message };
  }
}

/** The same clip, for the same recipients. */
const isSame = (known: ManifestEntry, clipHash: string, seal: Seal | undefined): boolean =>
  known.clip_sha256 === clipHash &&
  known.sealed === (seal !== undefined) &&
  (known.recipients ?? []).toSorted().join() === (seal?.recipients ?? []).toSorted().join();

type StoredFile = Pick<ManifestEntry, 'file' | 'bytes' | 'sha256'>;

/** Throws `bad_input` when the clip cannot be read to its end, or is not what it was when it was hashed. */
async function store(
  clip: FoundClip,
  file: string,
  clipHash: string,
  target: ExportTarget,
  seal: Seal | undefined,
): Promise<StoredFile> {
  let [plain, stored] = [createHash('sha256'), createHash('sha256')];
  let storedBytes = 0;
  await target.put(file, async () => {
    [plain, stored] = [createHash('sha256'), createHash('sha256')];
    const source: ExportSource = { bytes: clip.bytes, stream: hashed(readClip(clip), plain) };
    const { bytes, stream } = seal === undefined ? source : await seal.apply(source);
    storedBytes = bytes;
    return { bytes, stream: hashed(stream, stored) };
  });
  if (plain.digest('hex') !== clipHash) {
    await target.remove(file);
    throw cannotRead(clip, new Error('it changed while it was exported'));
  }
  return { file, bytes: storedBytes, sha256: stored.digest('hex') };
}

async function* hashed(stream: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const bytes of stream) {
    hash.update(bytes);
    yield bytes;
  }
}

async function* readClip(clip: FoundClip): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(clip.path, { highWaterMark: READ_BYTES });
  } catch (cause) {
    throw cannotRead(clip, cause as Error);
  }
}

const cannotRead = ({ path }: FoundClip, cause: Error): CamboxError =>
  new CamboxError('bad_input', { verb: 'read', thing: path, reason: cause.message, cause });

function entryOf(clip: FoundClip, clipHash: string, stored: StoredFile, seal: Seal | undefined): ManifestEntry {
  const { beginning, outcome } = clip.metadata ?? {};
  return {
    ...stored,
    sealed: seal !== undefined,
    ...(seal !== undefined && { recipients: [...seal.recipients] }),
    clip: clip.id,
    clip_bytes: clip.bytes,
    clip_sha256: clipHash,
    box: beginning?.box ?? null,
    camera: beginning?.camera ?? null,
    start: outcome?.started_at ?? beginning?.started_at ?? null,
    frames: outcome?.frames ?? null,
  };
}

async function putText(target: ExportTarget, file: string, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  await target.put(file, async () => ({ bytes: bytes.length, stream: Readable.from([bytes]) }));
}
