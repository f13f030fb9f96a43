import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Logger } from '../../base/logger.ts';
import type { Config } from '../../config/config.ts';
import type { ClipEditor } from '../../control/box.ts';
import type { JobSpec } from '../../jobs/job.ts';
import type { ClipArchive } from '../../record/archive/clip-archive.ts';
import type { CutOutcome } from '../../record/cut/cut-batch.ts';
import { cutEncoding } from '../../record/cut/cut-encoding.ts';
import { assertCopies } from '../../record/cut/cut-input.ts';
import { runCut, withProgress } from '../../record/cut/cut-job.ts';
import type { Accuracy, CutOrder } from '../../record/cut/cut-order.ts';
import type { CutRange } from '../../record/cut/cut-ranges.ts';
import {
  type CutReport,
  type CutRequest,
  cutFault,
  isThere,
  orderClips,
  rangesInWords,
  reportOf,
} from '../../record/cut/cut-report.ts';
import { findInput } from '../../record/cut/find-input.ts';
import { largerSize } from '../../record/encoders/encoder-profile.ts';
import { LIBX264 } from '../../record/encoders/libx264.ts';
import type { ExportReport, ExportRequest } from '../../record/export/export-report.ts';
import { cutName } from '../../record/made/made-names.ts';
import { type MadeNote, madeTags } from '../../record/made/made-note.ts';
import type { MemoryCaps } from '../../record/memory/memory-caps.ts';
import type { TimelapseReport } from '../../record/timelapse/timelapse-order.ts';
import type { TimelapseRequest } from '../../record/timelapse/timelapse-request.ts';
import { removeLeftovers } from '../../record/whole-file.ts';
import { cutOrder, type JobOrder, piecesOf, timelapseRequest } from '../jobs/job-orders.ts';
import { type ClipSource, ClipSources } from './clip-sources.ts';
import { type CutPiece, cutPieces } from './cut-pieces.ts';
import { MadeRegister, type MadeRegisterDeps } from './made-register.ts';
import { type StoredExportDeps, storedExport } from './stored-export.ts';
import { storedTimelapse } from './stored-timelapse.ts';

export interface ClipEditorDeps extends MadeRegisterDeps {
  /** As the config is now. */
  record(): Config['record'];
  /** Where clips are handed over to, as the config is now, and how. */
  exporting(): Pick<StoredExportDeps, 'place' | 'credentialsDirectory' | 'self'>;
  readonly caps: MemoryCaps;
  /** Undefined as long as it is not open. */
  archive(): ClipArchive | undefined;
}

/** Makes jobs of what is asked of stored clips. They are found by their ids, and what is made of them stands beside them. */
export class StoredClipEditor implements ClipEditor {
  readonly #deps: ClipEditorDeps;
  /** One look at a time: hundreds of requests must not start hundreds of ffprobes. */
  #looking: Promise<unknown> = Promise.resolve();

  constructor(deps: ClipEditorDeps) {
    this.#deps = deps;
  }

  /** Remove what a daemon that was killed left half-written; jobs asked for meanwhile wait. Never throws. */
  prepare(logger: Logger): Promise<void> {
    const dir = this.#dir;
    return this.#oneAtATime(async () => {
      try {
        const files = await removeLeftovers(dir);
        if (files.length > 0) logger.info('leftovers_removed', { files });
      } catch (failure) {
        logger.warn('leftovers_stay', { dir, problem: (failure as Error).message });
      }
    });
  }

  async cut({ source, accuracy }: CutRequest): Promise<JobSpec<CutReport>> {
    return await this.#cut(await cutPieces(source, this.#sources), accuracy);
  }

  async timelapse(request: TimelapseRequest): Promise<JobSpec<TimelapseReport>> {
    this.#demandRoom(0);
    return await this.#oneAtATime(() =>
      storedTimelapse(request, { ...this.#deps, dir: this.#dir, record: this.#deps.record(), sources: this.#sources }),
    );
  }

  async export(request: ExportRequest): Promise<JobSpec<ExportReport>> {
    const { exporting } = this.#deps;
    return await storedExport(request, { ...this.#deps, ...exporting(), dir: this.#dir, sources: this.#sources });
  }

  /** The job of an earlier run, to be done again. Throws as `cut`, `timelapse` and `export`. */
  async remake(order: JobOrder): Promise<JobSpec<unknown>> {
    if (order.kind === 'timelapse') return await this.timelapse(timelapseRequest(order));
    if (order.kind === 'export') return await this.export(order);
    const pieces: CutPiece[] = [];
    for (const { clip, ranges } of piecesOf(order)) pieces.push({ source: await this.#sources.one(clip), ranges });
    return await this.#cut(pieces, order.accuracy);
  }

  async #cut(pieces: readonly CutPiece[], accuracy: Accuracy): Promise<JobSpec<CutReport>> {
    const { ffmpeg, ffprobe, crf } = this.#deps.record();
    const dir = this.#dir;
    const encoding = await cutEncoding(accuracy, crf, ffmpeg);
    const orders: PieceOrder[] = [];
    for (const { source: from, ranges } of pieces) {
      const facts = await this.#oneAtATime(() => findInput(ffprobe, from.path, 'cut'));
      assertCopies(facts, accuracy, from.path);
      const nameOf = (_i: number, _of: number, range: CutRange): string =>
        join(dir, cutName(from.clip, range, accuracy));
      const clips = orderClips(ranges, facts.video, nameOf);
      orders.push({ from, order: { input: from.path, facts, encoding, clips } });
    }
    const bytes = await bytesOf(orders);
    this.#demandRoom(bytes);
    const size = orders.map(({ order }) => order.facts.video.size).reduce(largerSize);
    const { caps, clock } = this.#deps;
    const names = namesOf(pieces);
    const kept = cutOrder(pieces, accuracy);
    return {
      workload: { kind: 'cut', encoder: accuracy === 'copy' ? 'copy' : LIBX264.name, ...size, threads: 1 },
      title: titleOf(pieces),
      key: JSON.stringify(kept),
      order: kept,
      fault: (report) => cutFault(names, report),
      run: async (context) => {
        const now = await this.#asTheyAreNow(orders);
        const inputs = now.map(({ order }) => order.input);
        await using register = MadeRegister.begin(this.#deps, context.id, inputs, bytes);
        const outcomes: CutOutcome[] = [];
        for (const [i, piece] of now.entries()) {
          const { wanted, tell } = registered(piece, register);
          const progress = (share: number): void => context.progress((i + share) / orders.length);
          await runCut(wanted, withProgress(context, progress), { ffmpeg, caps, clock }, (outcome) => {
            tell(outcome);
            outcomes.push(outcome);
          });
        }
        return reportOf(
          orders.flatMap(({ order }) => order.clips),
          outcomes,
        );
      },
    };
  }

  /** One that was being recorded when its cut was asked for may have another name by now. Throws `not_found`. */
  async #asTheyAreNow(orders: readonly PieceOrder[]): Promise<PieceOrder[]> {
    const now: PieceOrder[] = [];
    for (const { from, order } of orders) {
      const { path: input } = await this.#sources.one(from.clip);
      now.push({ from, order: { ...order, input } });
    }
    return now;
  }

  get #dir(): string {
    return resolve(this.#deps.record().dir);
  }

  get #sources(): ClipSources {
    return new ClipSources(this.#dir, this.#deps.archive());
  }

  /** Throws `disk_full`. */
  #demandRoom(bytes: number): void {
    const refusal = this.#deps.shelf.refusal(bytes);
    if (refusal !== undefined) throw refusal;
  }

  #oneAtATime<T>(look: () => Promise<T>): Promise<T> {
    const turn = this.#looking.then(look);
    this.#looking = turn.catch(() => undefined); // its own caller is told
    return turn;
  }
}

/** What is cut out of one clip. */
interface PieceOrder {
  readonly from: ClipSource;
  readonly order: CutOrder;
}

/** With up to 64 clips the first tells enough. */
const namesOf = ([first, ...others]: readonly CutPiece[]): string =>
  `${first?.source.clip}${others.length === 0 ? '' : ` and ${others.length} more`}`;

const titleOf = (pieces: readonly CutPiece[]): string => {
  const [only, ...others] = pieces;
  const what = only !== undefined && others.length === 0 ? `, ${rangesInWords(only.ranges)}` : '';
  return `cut ${namesOf(pieces)}${what}`;
};

/** The order, with what each file is to say of itself, and what writes it down when it is in place. */
function registered({ from, order }: PieceOrder, register: MadeRegister) {
  const notes = new Map<string, MadeNote>();
  const clips = order.clips.filter(isThere).map((clip) => {
    const { clip: id, camera, startedMs = 0 } = from;
    const note = register.note({ kind: 'cut', clip: id, camera, startedMs: startedMs + clip.range.startUs / 1000 });
    notes.set(clip.path, note);
    return { ...clip, tags: madeTags(note) };
  });
  const tell = (outcome: CutOutcome): void => {
    const note = notes.get(outcome.order.path);
    if (outcome.ok && note !== undefined) register.add(note, outcome.clip);
  };
  return { wanted: { ...order, clips }, tell };
}

/** About what the clips will take: their share of what they are cut out of. */
async function bytesOf(orders: readonly PieceOrder[]): Promise<number> {
  let bytes = 0;
  for (const { order } of orders) {
    const { size } = await stat(order.input);
    const wantedUs = order.clips.reduce((sum, { range }) => sum + range.durationUs, 0);
    bytes += (size * wantedUs) / Math.max(1, order.facts.video.durationUs ?? wantedUs);
  }
  return bytes;
}
