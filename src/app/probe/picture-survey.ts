import { ReasonCounts } from '../../base/reason-counts.ts';
import type { Frame } from '../../frame/frame.ts';
import type { JpegLayout } from '../../jpeg/layout.ts';
import { planRecode, type RecodePlan, type RecodeRefusal } from '../../jpeg/recode/plan-recode.ts';
import { type RtpJpegRefusal, rtpJpegForm } from '../../rtp/jpeg-form.ts';
import { Distribution, type Spread } from './distribution.ts';
import { type QuantFigures, QuantSurvey } from './quant-survey.ts';

/** How a picture is coded, as far as that matters to a receiver. */
export interface Coding {
  /** "baseline", "progressive" … */
  readonly process: string;
  readonly width: number;
  readonly height: number;
  readonly precision: number;
  /** "4:2:2", "grayscale", or the sampling factors: "2x2 1x2 1x2". */
  readonly sampling: string;
  readonly huffman: JpegLayout['huffman'];
  /** MCUs; 0 is none. */
  readonly restart_interval: number;
}

/** What becomes of a picture on its way into RTP. */
export type Passage =
  | { readonly passage: 'as_it_is'; readonly large: boolean; readonly scanBytes: number }
  | { readonly passage: 'recoded'; readonly reason: RtpJpegRefusal; readonly plan: RecodePlan }
  | { readonly passage: 'refused'; readonly reason: RtpJpegRefusal; readonly recode: RecodeRefusal | 'not_needed' };

export interface PictureFigures {
  readonly count: number;
  readonly bytes: Spread | undefined;
  /** Of the first picture; `coding_changes` counts those coded otherwise than the one before. */
  readonly coding: Coding | undefined;
  readonly coding_changes: number;
  readonly quantisation: QuantFigures;
  readonly as_it_is: number;
  /** Of those that are sent as they are: larger than the fields of RFC 2435 can say. */
  readonly large: number;
  /** Why RTP cannot carry pictures as they are, of those that can be coded anew, and of those that cannot. */
  readonly recoded: ReasonCounts<RtpJpegRefusal>;
  readonly refused: ReasonCounts<RtpJpegRefusal>;
}

/** Gathers what whole pictures are like. */
export class PictureSurvey {
  readonly #bytes = new Distribution();
  readonly #tables = new QuantSurvey();
  readonly #recoded = new ReasonCounts<RtpJpegRefusal>();
  readonly #refused = new ReasonCounts<RtpJpegRefusal>();
  #asItIs = 0;
  #large = 0;
  #first: Coding | undefined;
  #last = '';
  #changes = 0;

  /** Returns what becomes of it. */
  add({ bytes, jpeg }: Frame): Passage {
    this.#bytes.add(bytes.length);
    this.#tables.add(jpeg, bytes);
    const coding = codingOf(jpeg);
    const text = JSON.stringify(coding);
    if (this.#first === undefined) this.#first = coding;
    else if (text !== this.#last) this.#changes += 1;
    this.#last = text;
    const passage = passageOf(jpeg, bytes);
    if (passage.passage === 'recoded') this.#recoded.add(passage.reason);
    else if (passage.passage === 'refused') this.#refused.add(passage.reason);
    else {
      this.#asItIs += 1;
      if (passage.large) this.#large += 1;
    }
    return passage;
  }

  figures(): PictureFigures {
    return {
      count: this.#bytes.count,
      bytes: this.#bytes.spread(),
      coding: this.#first,
      coding_changes: this.#changes,
      quantisation: this.#tables.figures(),
      as_it_is: this.#asItIs,
      large: this.#large,
      recoded: this.#recoded,
      refused: this.#refused,
    };
  }
}

/** As a stream with the default settings decides it: stream/fit, then rtp/jpeg-form. */
export function passageOf(layout: JpegLayout, bytes: Uint8Array): Passage {
  const form = rtpJpegForm(layout, bytes);
  if (typeof form !== 'string') {
    return { passage: 'as_it_is', large: form.largeSize !== undefined, scanBytes: form.scanEnd - form.scanStart };
  }
  const plan = planRecode(layout, bytes, { restartMarkers: 'keep' });
  if (typeof plan === 'object') return { passage: 'recoded', reason: form, plan };
  return { passage: 'refused', reason: form, recode: plan };
}

/** SOFn: ITU-T T.81 table B.1. */
const PROCESSES: Readonly<Record<number, string>> = {
  0: 'baseline',
  1: 'extended sequential',
  2: 'progressive',
  3: 'lossless',
};

function codingOf(layout: JpegLayout): Coding {
  const { sof, precision, width, height, huffman, restartInterval: restart_interval } = layout;
  const arithmetic = (sof & 8) === 0 ? '' : ', arithmetic';
  const process = (PROCESSES[sof & 3] ?? '') + arithmetic;
  return { process, width, height, precision, sampling: samplingOf(layout), huffman, restart_interval };
}

/** By how many samples of luminance there are to one of colour, across and down. */
const SAMPLINGS: Readonly<Record<string, string>> = {
  '1x1': '4:4:4',
  '2x1': '4:2:2',
  '2x2': '4:2:0',
  '4x1': '4:1:1',
  '1x2': '4:4:0',
};

/** With the factors themselves where they are not the plain ones: ffmpeg writes 4:2:2 as 2x2 1x2 1x2. */
function samplingOf({ components }: JpegLayout): string {
  const [y, cb, cr, fourth] = components;
  if (y !== undefined && cb === undefined) return 'grayscale';
  const factors = components.map(({ h, v }) => `${h}x${v}`).join(' ');
  if (y === undefined || cb === undefined || cr === undefined || fourth !== undefined) return factors;
  const name = cb.h === cr.h && cb.v === cr.v ? SAMPLINGS[`${y.h / cb.h}x${y.v / cb.v}`] : undefined;
  if (name === undefined) return factors;
  return cb.h * cb.v === 1 ? name : `${name} (${factors})`;
}
