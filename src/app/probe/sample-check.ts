import type { Clock } from '../../base/clock.ts';
import { ReasonCounts } from '../../base/reason-counts.ts';
import { msFromUs } from '../../base/units.ts';
import type { JpegLayout } from '../../jpeg/layout.ts';
import type { RecodeFault } from '../../jpeg/recode/faults.ts';
import { planRecode, type RecodePlan, recodeCapacityBytes } from '../../jpeg/recode/plan-recode.ts';
import { recodeJpeg } from '../../jpeg/recode/recode-jpeg.ts';
import { rtpJpegForm } from '../../rtp/jpeg-form.ts';
import { TYPE_420 } from '../../rtp/jpeg-main-header.ts';
import { Distribution } from './distribution.ts';

interface Sample {
  readonly bytes: Uint8Array;
  readonly layout: JpegLayout;
  readonly plan: RecodePlan;
  readonly isNeeded: boolean;
}

export interface SampleFigures {
  /** Pictures whose every coefficient was read. */
  readonly checked: number;
  /** Those that are damaged inside: markers alone do not tell. */
  readonly damaged: ReasonCounts<RecodeFault>;
  /** Median of what coding one anew takes on this machine, in ms; undefined where that is not needed. */
  readonly recode_ms: number | undefined;
}

/** All of a probe of four seconds. */
const MAX_SAMPLES = 128;
const MAX_BYTES = 64e6;
/** While the code is being compiled it is slow. */
const WARM_UP = 10;
const MEASURED = 20;

/**
 * Keeps copies of some pictures, to look into them when nothing else has to be done in time. Which ones is up to chance,
 * the same for the first as for the last (a reservoir).
 */
export class SampleCheck {
  readonly #random: () => number;
  readonly #samples: Sample[] = [];
  #room = MAX_BYTES;
  #offered = 0;

  /** `random` returns [0, 1). */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Look at a picture, and perhaps keep a copy. Those that cannot be read (progressive ones) are passed over. */
  offer(bytes: Uint8Array, layout: JpegLayout): void {
    this.#offered += 1;
    const isRoom = this.#samples.length < MAX_SAMPLES && bytes.length <= this.#room;
    const place = isRoom ? this.#samples.length : Math.floor(this.#random() * this.#offered);
    if (place >= MAX_SAMPLES || (!isRoom && place >= this.#samples.length)) return;
    const planned = planFor(layout, bytes);
    if (planned === undefined) return;
    const displaced = this.#samples[place]?.bytes.length ?? 0;
    if (bytes.length > this.#room + displaced) return;
    this.#room += displaced - bytes.length;
    this.#samples[place] = { bytes: bytes.slice(), layout, ...planned };
  }

  /** Takes some milliseconds a picture. */
  run(clock: Clock): SampleFigures {
    const damaged = new ReasonCounts<RecodeFault>();
    for (const sample of this.#samples) {
      const outcome = recode(sample);
      if (typeof outcome === 'string') damaged.add(outcome);
    }
    const whole = this.#samples.find((sample) => sample.isNeeded && typeof recode(sample) === 'number');
    return { checked: this.#samples.length, damaged, recode_ms: whole && costMs(whole, clock) };
  }
}

/** A picture that needs no new coding is coded into itself, for a reading of its scan. */
function planFor(layout: JpegLayout, bytes: Uint8Array): Pick<Sample, 'plan' | 'isNeeded'> | undefined {
  const plan = planRecode(layout, bytes, { restartMarkers: 'keep' });
  if (typeof plan === 'object') return { plan, isNeeded: true };
  const form = plan === 'not_needed' ? rtpJpegForm(layout, bytes) : plan;
  if (typeof form === 'string') return undefined;
  const { type, restartInterval, lumaTableAt, chromaTableAt } = form;
  const same: RecodePlan = {
    sampling: (type & TYPE_420) === 0 ? '4:2:2' : '4:2:0',
    isRegrouped: false,
    restartInterval,
    lumaTableAt,
    chromaTableAt,
    capacityBytes: recodeCapacityBytes(layout),
  };
  return { plan: same, isNeeded: false };
}

const recode = ({ bytes, layout, plan }: Sample): number | RecodeFault =>
  recodeJpeg(bytes, layout, plan, new Uint8Array(plan.capacityBytes));

function costMs(sample: Sample, clock: Clock): number | undefined {
  const times = new Distribution();
  for (let turn = 0; turn < WARM_UP + MEASURED; turn++) {
    const startedAt = clock.now();
    recode(sample);
    if (turn >= WARM_UP) times.add(msFromUs(clock.now() - startedAt));
  }
  return times.spread()?.p50;
}
