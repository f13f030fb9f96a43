import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SILENT } from '../../base/logger.ts';
import { openSynthetic } from '../../capture/synthetic/open-synthetic.ts';
import type { Config } from '../../config/config.ts';
import { FrameArena } from '../../frame/frame-arena.ts';
import { readConditions } from '../../jobs/conditions.ts';
import { JobQueue } from '../../jobs/job-queue.ts';
import { LearnedCosts } from '../../jobs/learned-costs.ts';
import { sizeName } from '../../record/encoders/demotions.ts';
import { EncoderDesk, type SurveyedEncoder } from '../../record/encoders/encoder-desk.ts';
import { profileOf } from '../../record/encoders/encoder-order.ts';
import type { EncodeJob, PictureSize } from '../../record/encoders/encoder-profile.ts';
import { PROBE_PICTURES, type ProbePictures } from '../../record/encoders/probe-stream.ts';
import { lookAtVerdicts } from '../../record/encoders/stored-verdicts.ts';
import { FORGETFUL } from '../../record/encoders/verdict-store.ts';
import { PolledCaps } from '../../record/memory/polled-caps.ts';
import { STATE_FILE } from '../box-state.ts';
import { childrenBudget } from '../jobs/children-budget.ts';
import { type Examination, type Finding, fail, findingOf, ok, warn } from './finding.ts';
import type { Patient } from './patient.ts';
import { picturesOf } from './picture-sizes.ts';

const GUIDE = 'docs/recording.md tells what each encoder needs';

/**
 * Probe every encoder at the sizes of the cameras (720p without one), with pictures of our own; and tell which one clips
 * would get. What the daemon has given up stands in its state folder.
 */
export async function* examineEncoders({ config, stateFolder, clock, running }: Patient): Examination {
  const queue = new JobQueue(childrenBudget(config), {
    ...{ clock, logger: SILENT, costs: new LearnedCosts(), conditions: readConditions },
  });
  const { ffmpeg, ffprobe } = config.record;
  await using desk = new EncoderDesk(
    { ffmpeg, ffprobe, folder: tmpdir() },
    { store: FORGETFUL, clock, logger: SILENT, live: queue.live, caps: new PolledCaps(clock) },
  );
  await desk.prepare();
  for (const { size, fps } of picturesOf(config, running)) yield* examineSize(desk, config.record, size, fps);
  const { demotions } = lookAtVerdicts(join(stateFolder, STATE_FILE));
  for (const { encoder, size, reason, at } of demotions) {
    yield warn(
      `given_up.${encoder}`,
      `at ${size}, ${at}: ${reason}`,
      `Clips used the next one until a restart; ${GUIDE}`,
    );
  }
}

async function* examineSize(desk: EncoderDesk, record: Config['record'], size: PictureSize, fps: number): Examination {
  const quality = { crf: record.crf, bitrateKbps: record.bitrate_kbps ?? undefined };
  const job: EncodeJob = { size, fps, quality, device: undefined };
  try {
    for await (const encoder of desk.survey(job, syntheticPictures(size))) yield describe(encoder, size);
  } catch (thrown) {
    yield findingOf('encoders', 'fail', thrown);
    return;
  }
  yield choice(desk, record, job, size);
}

/** That an encoder does not work is nothing wrong in itself: one that does is enough. */
function describe({ encoder, missing, verdict }: SurveyedEncoder, size: PictureSize): Finding {
  const id = `encoder.${encoder}`;
  const at = sizeName(size);
  if (encoder === 'copy') return ok(id, `${at}: always works`);
  if (missing)
    return ok(
      id,
      `${at}: not here (needs ${profileOf(encoder)
        .devices.map((pattern) => `${pattern}*`)
        .join(' or ')})`,
    );
  if (verdict?.works) return ok(id, `${at}: works (pictures ${verdict.likenessDb} dB alike)`);
  return ok(id, `${at}: does not work: ${verdict?.reason ?? 'not probed'}`);
}

function choice(desk: EncoderDesk, { encoder: asked }: Config['record'], job: EncodeJob, size: PictureSize): Finding {
  const { encoder, reason } = desk.choose(asked, job, []);
  const says = `${sizeName(size)}: clips are encoded with ${encoder}`;
  if (asked === encoder || asked === 'copy') return ok('encoding', says);
  if (asked !== 'auto')
    return fail('encoding', `${says}, not with ${asked} (${reason})`, `Set record.encoder to auto; ${GUIDE}`);
  if (encoder !== 'copy') return ok('encoding', says);
  return warn('encoding', `${says}: none other works (${reason})`, `Install an ffmpeg with libx264; ${GUIDE}`);
}

function syntheticPictures(size: PictureSize): ProbePictures {
  const pictures = openSynthetic(size.width, size.height);
  const arena = new FrameArena(size.width * size.height * 3);
  const jpegs = Array.from({ length: PROBE_PICTURES }, (_, number) => {
    const slot = pictures.copy(number, (length) => arena.take(length));
    if (slot === undefined) throw new Error('a JPEG is smaller than its pixels');
    const jpeg = slot.bytes.slice();
    slot.free();
    return jpeg;
  });
  return { size, jpegs };
}
