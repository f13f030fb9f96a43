import type { Spread } from '../app/probe/distribution.ts';
import type { ProbeResult } from '../app/probe/probe.ts';
import type { Verdict } from '../app/probe/verdict.ts';

/** The figures of a probe as `cambox probe --json` prints them: null for what is unknown or does not apply. */
export function probeJson({ about, pace, pictures, buffers, counts, samples, ...rest }: ProbeResult, verdict: Verdict) {
  const { count, bytes, coding, quantisation, recoded, refused, ...numbers } = pictures;
  return {
    ...about,
    fps: about.fps ?? null,
    seconds: round(rest.seconds),
    pictures: count,
    rate: rest.rate === undefined ? null : round(rest.rate),
    interval_ms: spreadJson(pace?.interval_ms),
    longest_wait_ms: pace?.longest_wait_ms === undefined ? null : round(pace.longest_wait_ms),
    delay_ms: spreadJson(pace?.delay_ms),
    gaps: counts.gaps,
    dropped: counts.dropped,
    retimed: counts.retimed,
    bytes: spreadJson(bytes),
    mbit_s: mbitPerSecond(pictures, rest.rate) ?? null,
    coding: coding ?? null,
    quantisation: { ...quantisation, quality: quantisation.quality ?? null },
    ...numbers,
    recoded,
    refused,
    buffers: buffers ?? null,
    checked: samples.checked,
    damaged: samples.damaged,
    recode_ms: samples.recode_ms === undefined ? null : round(samples.recode_ms),
    ...verdict,
    ...(rest.error && { error: { code: rest.error.code, message: rest.error.message } }),
  };
}

/** Of the pictures alone, at the median size. */
export const mbitPerSecond = ({ bytes }: ProbeResult['pictures'], rate: number | undefined): number | undefined =>
  bytes === undefined || rate === undefined ? undefined : round((bytes.p50 * 8 * rate) / 1e6);

export const round = (value: number): number => Math.round(value * 100) / 100;

const spreadJson = (spread: Spread | undefined): object | null =>
  spread === undefined
    ? null
    : { min: round(spread.least), p50: round(spread.p50), p99: round(spread.p99), max: round(spread.most) };
