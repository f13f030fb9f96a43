import { namesOf } from '../v4l2/camera-name.ts';
import type { DeviceSummary, FormatSummary, SizeSummary } from '../v4l2/discovery.ts';
import type { FrameRate } from '../v4l2/frame-rate.ts';
import { describeControls } from './controls-text.ts';
import type { CameraReport, NodeReport } from './device-report.ts';
import { wrapAfter, wrapText } from './text-columns.ts';

/** A camera as a block of lines for a terminal. */
export function describeCamera({ nodes }: CameraReport): string[] {
  const capturing = nodes.filter(({ summary }) => summary.captures);
  const [first] = capturing.length > 0 ? capturing : nodes;
  if (first === undefined) return [];
  return [
    first.summary.capabilities?.card ?? first.summary.name ?? first.summary.path,
    ...describeConnection(first.summary),
    ...nodes.flatMap(describeNode),
    ...describeProblems(nodes),
    ...wrapNames(namesOf(first.summary)),
    ...capturing.flatMap((node, i) => describeOffer(node, capturing.slice(0, i))),
  ];
}

function describeConnection({ capabilities, usb }: DeviceSummary): string[] {
  if (capabilities === undefined) return [];
  const speed = usb?.speedMbps === undefined ? '' : ` at ${usb.speedMbps} Mbit/s`;
  return [`  driver    ${capabilities.driver}, on ${capabilities.bus}${speed}`];
}

function describeNode({ summary, problem, daemonCamera }: NodeReport): string[] {
  if (problem !== undefined) return [`  node      ${summary.path}`];
  const held = summary.holders.map(({ command, pid }) => `${command} (pid ${pid})`);
  const users = held.length === 0 && daemonCamera !== undefined ? ['the daemon'] : held;
  const use = users.length === 0 ? '' : `, open in ${users.join(', ')}`;
  const camera = daemonCamera === undefined ? '' : ` as camera ${daemonCamera}`;
  return wrapText('  node      ', `${summary.path}  ${roleOf(summary)}${use}${camera}`);
}

/** All nodes of a camera mostly have the same one. */
const describeProblems = (nodes: readonly NodeReport[]): string[] =>
  [...new Set(nodes.flatMap(({ problem }) => problem ?? []))].flatMap((problem) => wrapText('  problem   ', problem));

const roleOf = ({ captures, capabilities }: DeviceSummary): string =>
  captures ? 'video' : (capabilities?.roles.join(', ').replaceAll('_', ' ') ?? 'unknown');

/** As they are written in the config: to copy and paste. */
const wrapNames = (names: readonly string[]): string[] =>
  names.map((name, i) => `  ${i === 0 ? '"source": ' : '          '}${JSON.stringify(name)}`);

/** What a node offers; of a further node of the same camera, what differs. */
function describeOffer({ summary, choice }: NodeReport, before: readonly NodeReport[]): string[] {
  const { path, formats, controls } = summary;
  const isSame = before.some((node) => JSON.stringify(node.summary.formats) === JSON.stringify(formats));
  const heading = before.length === 0 ? '' : ` of ${path}`;
  return [
    ...(choice === undefined ? [] : wrapText(`  choice    `, choice)),
    `  formats${heading}${isSame ? ': the same' : ''}`,
    ...(isSame ? [] : describeFormats(formats)),
    ...(before.length > 0 || controls.length === 0 ? [] : ['  controls', ...describeControls(controls)]),
  ];
}

/** Formats with the same sizes and rates are shown together: some drivers have dozens. */
function describeFormats(formats: readonly FormatSummary[]): string[] {
  const groups = new Map<string, FormatSummary[]>();
  for (const format of formats) {
    const modes = JSON.stringify(format.sizes);
    groups.set(modes, [...(groups.get(modes) ?? []), format]);
  }
  return [...groups.values()].flatMap((group) => {
    const [{ fourcc, description, sizes }] = group as [FormatSummary];
    const title =
      group.length === 1 ? [`${fourcc.trim()}  ${description}`] : group.map((format) => format.fourcc.trim());
    return [...wrapAfter('    ', title), ...describeSizes(sizes)];
  });
}

/** Sizes with the same rates are shown together: a webcam has twenty. */
function describeSizes(sizes: readonly SizeSummary[]): string[] {
  const groups = new Map<string, string[]>();
  for (const summary of sizes) {
    const rates = describeRates(summary.rates);
    groups.set(rates, [...(groups.get(rates) ?? []), describeSize(summary)]);
  }
  return [...groups].flatMap(([rates, shown]) => [
    ...wrapAfter('      ', shown),
    ...wrapText('        ', rates === '' ? 'rates not told' : `at ${rates} fps`),
  ]);
}

const describeSize = ({ size }: SizeSummary): string =>
  size.kind === 'discrete'
    ? `${size.width}x${size.height}`
    : `${size.minWidth}x${size.minHeight}..${size.maxWidth}x${size.maxHeight}`;

const round = (fps: number): string => String(Math.round(fps * 100) / 100);

const highest = (rate: FrameRate): number => (rate.kind === 'discrete' ? rate.fps : rate.maxFps);

const describeRates = (rates: readonly FrameRate[]): string =>
  rates
    .toSorted((a, b) => highest(b) - highest(a))
    .map((rate) => (rate.kind === 'discrete' ? round(rate.fps) : `${round(rate.minFps)}..${round(rate.maxFps)}`))
    .join(' ');
