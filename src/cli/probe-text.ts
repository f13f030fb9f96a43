import type { PaceFigures } from '../app/probe/pace.ts';
import type { PictureFigures } from '../app/probe/picture-survey.ts';
import type { ProbeResult } from '../app/probe/probe.ts';
import type { Verdict } from '../app/probe/verdict.ts';
import { mbitPerSecond, round } from './probe-json.ts';
import { wrapText } from './text-columns.ts';

/** The figures of a probe of `source`, as the user named it, as lines for a terminal of 80 columns, the verdict last. */
export function describeProbe(source: string, result: ProbeResult, { sentences, warnings }: Verdict): string[] {
  const { about, seconds, pace, rate, pictures, error } = result;
  const rows: (readonly [label: string, text: string])[] = [
    ['source', source === about.source ? source : `${source} (${about.source})`],
    ['gives', describeMode(about)],
    ['seen', `${counted(pictures.count, 'picture')} in ${round(seconds)} s`],
    ...(pace === undefined ? [] : describePace(pace, about.kind === 'v4l2')),
    ...describeBuffers(result),
    ...describeLosses(result),
    ...(pictures.count === 0 ? [] : describePictures(pictures, rate)),
    ...describeSamples(result),
    ...(error === undefined ? [] : [['error', error.message] as const]),
    ...warnings.map((warning) => ['warning', warning] as const),
    ...sentences.map((sentence) => ['verdict', sentence] as const),
  ];
  return rows.flatMap(([label, text]) => wrapText(`${label.padEnd(14)}`, text));
}

function describeMode({ width, height, fps, format }: ProbeResult['about']): string {
  const rate = fps === undefined ? '' : ` at ${fps} fps`;
  const encoder = format?.encoder === undefined ? '' : `, encoded by ${format.encoder}`;
  return `${format === undefined ? '' : `${format.pixel_format} `}${width}x${height}${rate}${encoder}`;
}

type Row = readonly [label: string, text: string];

function describePace({ rate, interval_ms, longest_wait_ms, delay_ms }: PaceFigures, isCamera: boolean): Row[] {
  if (rate === undefined || interval_ms === undefined || longest_wait_ms === undefined) return [];
  const { p50, p99, most } = interval_ms;
  const longest = longest_wait_ms > most ? `; longest wait ${round(longest_wait_ms)} ms` : '';
  const by = isCamera ? "by the driver's timestamps" : 'by their arrival';
  return [
    ['rate', `${round(rate)} pictures a second`],
    ['intervals', `median ${round(p50)} ms, p99 ${round(p99)}, longest ${round(most)}${longest}; ${by}`],
    ...(delay_ms === undefined ? [] : [['delay', describeDelay(delay_ms)] as const]),
  ];
}

const describeDelay = ({ p50, most }: NonNullable<PaceFigures['delay_ms']>): string =>
  `median ${round(p50)} ms, longest ${round(most)}, from the driver's timestamp to cambox`;

function describeBuffers({ buffers, about }: ProbeResult): Row[] {
  if (buffers?.timestamp_clock === undefined) return [];
  const { timestamp_clock, timestamp_of, padded, count, most_padding_bytes } = buffers;
  const moment = timestamp_of === 'start_of_exposure' ? 'the start' : 'the end';
  const clock = timestamp_clock === 'monotonic' ? 'the monotonic clock' : 'another clock than the monotonic one';
  const padding = padded === 0 ? 'none' : `in ${padded} of ${count} pictures, up to ${most_padding_bytes} bytes`;
  return [
    ['timestamps', `${clock}, of ${moment} of a picture`],
    ...(about.format?.encoder === undefined ? [['padding', `${padding}, after the end of the picture`] as const] : []),
  ];
}

function describeLosses({ counts }: ProbeResult): Row[] {
  const dropped = Object.entries(counts.dropped.toJSON()).map(([reason, number]) => `${number} ${reason}`);
  return [['lost', [`${counts.gaps} missing in the sequence`, ...dropped].join(', ')]];
}

function describePictures(pictures: PictureFigures, rate: number | undefined): Row[] {
  const { bytes, coding, quantisation } = pictures;
  const mbit = mbitPerSecond(pictures, rate);
  const flow = mbit === undefined ? '' : `; ${mbit} Mbit/s at ${round(rate!)} a second`;
  return [
    [
      'size',
      `min ${kilobytes(bytes!.least)}, median ${kilobytes(bytes!.p50)}, max ${kilobytes(bytes!.most)} KB${flow}`,
    ],
    [
      'coding',
      `${coding!.process}, ${coding!.precision} bits, ${coding!.sampling}, ${coding!.width}x${coding!.height}`,
    ],
    ['quantisation', describeQuantisation(quantisation)],
    ['huffman', HUFFMAN[coding!.huffman]],
    ['restarts', describeRestarts(coding!.restart_interval)],
  ];
}

const describeRestarts = (interval: number): string =>
  interval === 0
    ? 'no markers'
    : `a marker every ${interval} MCUs; for receivers that know none (mediamtx) set rtp_restart_markers to strip`;

const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;

const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1);

const HUFFMAN = {
  absent: 'no tables in the pictures: the standard ones are meant',
  standard: 'the standard tables',
  other: 'tables of its own (optimised)',
} as const;

function describeQuantisation({ tables, bits, quality, changes }: PictureFigures['quantisation']): string {
  const kind = quality === undefined ? 'of its own' : `the standard's at quality ${quality}`;
  const constancy = changes === 0 ? 'the same in all pictures' : `changed ${changes} times`;
  return `${counted(tables, 'table')} of ${bits} bits, ${kind}, ${constancy}`;
}

function describeSamples({ samples: { checked, damaged } }: ProbeResult): Row[] {
  if (checked === 0) return [];
  const reasons = Object.entries(damaged.toJSON()).map(([reason, number]) => `${number} ${reason}`);
  const found = reasons.length === 0 ? 'none damaged' : `${damaged.total} damaged: ${reasons.join(', ')}`;
  return [['looked into', `${counted(checked, 'picture')}, ${found}`]];
}
