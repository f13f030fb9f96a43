import type { RtpJpegRefusal } from '../../rtp/jpeg-form.ts';
import type { PaceFigures } from './pace.ts';
import type { ProbeResult } from './probe.ts';

export interface Verdict {
  /** What becomes of the pictures in RTP; `mixed`: not the same of all; `nothing`: there was no picture. */
  readonly verdict: 'as_it_is' | 'recoded' | 'refused' | 'mixed' | 'nothing';
  /** `warning`: works, with something to look at. */
  readonly grade: 'ok' | 'warning' | 'failure';
  readonly sentences: readonly string[];
  readonly warnings: readonly string[];
}

/** Which rule of RTP/JPEG a picture breaks. All are from RFC 2435 §3 and §4.1 but those that say otherwise. */
export const LIMITS: Readonly<Record<RtpJpegRefusal, string>> = {
  progressive: 'progressive coding; RTP carries one sequential scan',
  lossless: 'lossless coding; RTP carries baseline only',
  arithmetic: 'arithmetic coding; RTP carries Huffman codes only',
  hierarchical: 'hierarchical coding; RTP carries baseline only',
  twelve_bit: 'samples of more than 8 bits',
  several_scans: 'several scans; RTP carries one with all components',
  grayscale: 'no colour components; RTP carries three components',
  cmyk: 'not three components',
  subsampling: 'sampling factors that RTP has no type for; it has Y 2x1 or 2x2 with Cb and Cr 1x1',
  huffman: 'Huffman tables of its own; receivers have the standard ones',
  huffman_selectors: 'Huffman tables under other numbers than 0 for Y, 1 for colour',
  table_missing: 'a quantisation table is missing',
  table_16_bit: 'quantisation tables of 16 bits',
  chroma_tables_differ: 'different quantisation tables for Cb and Cr; RTP has room for one',
  no_size: 'no size in the header',
  scan_empty: 'an empty scan',
  scan_too_long: '16 MB of scan or more',
};

/** Nearer to the rate that the camera says than this is the same. */
const RATE_TOLERANCE = 0.05;
/** A hundredth of the intervals may be so much longer than the median before it is worth a word. */
const JITTER_LIMIT = 2;
/** So many come while our code is being compiled. */
const FEW_STALE = 3;
const STALE_SHARE = 0.02;
/** More of a CPU than this for coding anew is worth a word. */
const COSTLY_SHARE = 0.5;

/** Says in words what the figures mean for an operator. */
export function judge(result: ProbeResult): Verdict {
  const { as_it_is, recoded, refused, count } = result.pictures;
  const kinds = [as_it_is, recoded.total, refused.total].filter((pictures) => pictures > 0).length;
  const verdict =
    count === 0
      ? 'nothing'
      : kinds > 1
        ? 'mixed'
        : as_it_is > 0
          ? 'as_it_is'
          : recoded.total > 0
            ? 'recoded'
            : 'refused';
  const warnings = warningsOf(result);
  const isUseless = verdict === 'nothing' || verdict === 'refused' || result.error !== undefined;
  const isPerfect = verdict === 'as_it_is' && warnings.length === 0;
  const grade = isUseless ? 'failure' : isPerfect ? 'ok' : 'warning';
  return { verdict, grade, sentences: sentencesOf(result), warnings };
}

function sentencesOf({ pictures, samples, rate }: ProbeResult): string[] {
  const { as_it_is, recoded, refused, count } = pictures;
  if (count === 0) return ['no whole picture came'];
  const part = (pictures: number): string => (pictures === count ? '' : `, ${pictures} of ${count} pictures`);
  const sentences: string[] = [];
  if (as_it_is > 0) sentences.push(`is sent as it is${part(as_it_is)}`);
  if (recoded.total > 0) {
    const cost = samples.recode_ms === undefined ? '' : `, about ${round(samples.recode_ms)} ms a picture`;
    const share = cpuShare(samples.recode_ms, rate);
    const cpu = share === undefined ? '' : ` (${Math.round(100 * share)} % of a CPU)`;
    sentences.push(`is re-coded without loss${part(recoded.total)}${cost}${cpu}: ${limits(recoded)}`);
  }
  if (refused.total > 0) sentences.push(`cannot be sent${part(refused.total)}: ${limits(refused)}`);
  return sentences;
}

const limits = (reasons: { toJSON(): Partial<Record<RtpJpegRefusal, number>> }): string =>
  (Object.keys(reasons.toJSON()) as RtpJpegRefusal[]).map((reason) => LIMITS[reason]).join('; ');

const cpuShare = (ms: number | undefined, rate: number | undefined): number | undefined =>
  ms === undefined || rate === undefined ? undefined : (ms * rate) / 1000;

const round = (value: number): number => Math.round(value * 10) / 10;

function warningsOf({ pictures, pace, rate, buffers, counts, samples, about }: ProbeResult): string[] {
  const warnings: string[] = [];
  const { large, coding_changes } = pictures;
  if (large > 0) warnings.push('larger than 2040 pixels: sent as ONVIF says, which ffmpeg does not receive');
  if (coding_changes > 0) warnings.push(`the coding changes from picture to picture, ${coding_changes} times`);
  if (pace !== undefined) warnings.push(...paceWarnings(pace, about.fps));
  if (counts.gaps > 0)
    warnings.push(`missing pictures: ${counts.gaps}; USB lost them, or the driver had no room for them`);
  const { stale = 0, ...broken } = counts.dropped.toJSON();
  if (stale > Math.max(FEW_STALE, STALE_SHARE * pictures.count))
    warnings.push(`${stale} pictures came faster than this machine could look at them`);
  const dropped = Object.entries(broken).map(([reason, number]) => `${number} ${reason}`);
  if (dropped.length > 0) warnings.push(`pictures thrown away: ${dropped.join(', ')}`);
  const { checked, damaged } = samples;
  if (damaged.total > 0) {
    warnings.push(`${damaged.total} of ${checked} pictures looked into are damaged inside: cable, hub or power`);
  }
  if (buffers?.timestamp_clock === 'other') {
    warnings.push("the driver's timestamps are not of the monotonic clock: the time of arrival is taken");
  } else if (counts.retimed.total > 0) {
    warnings.push(`implausible timestamps of the driver: ${JSON.stringify(counts.retimed)}`);
  }
  const share = cpuShare(samples.recode_ms, rate);
  if (share !== undefined && share > COSTLY_SHARE) warnings.push('re-coding takes more than half of a CPU');
  return warnings;
}

function paceWarnings({ rate, interval_ms }: PaceFigures, told: number | undefined): string[] {
  const warnings: string[] = [];
  if (rate !== undefined && told !== undefined && Math.abs(rate / told - 1) > RATE_TOLERANCE) {
    const remedy = rate < told ? ': too little light for its automatic exposure, or USB is full' : '';
    warnings.push(`${round(rate)} pictures a second instead of ${told}${remedy}`);
  }
  if (interval_ms !== undefined && interval_ms.p99 > JITTER_LIMIT * interval_ms.p50) {
    warnings.push(`irregular: one interval in a hundred is ${round(interval_ms.p99)} ms or more`);
  }
  return warnings;
}
