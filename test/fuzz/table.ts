import type { TargetResult } from './run-target.ts';

const COLUMNS: readonly (readonly [title: string, width: number])[] = [
  ['target', 17],
  ['inputs', 9],
  ['accepted', 9],
  ['slowest ms', 10],
  ['heap growth', 11],
];

const row = (cells: readonly string[], last: string): string => {
  const padded = COLUMNS.map(([, width], i) => (i === 0 ? cells[i]!.padEnd(width) : cells[i]!.padStart(width)));
  return `| ${[...padded, last].join(' | ')} |`;
};

export const tableHead = (): string => {
  const titles = COLUMNS.map(([title]) => title);
  const rule = COLUMNS.map(([, width], i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`));
  return `${row(titles, 'refused')}\n|${rule.join('|')}|---|`;
};

/** A line for one target; the reasons of refusals with their numbers, most frequent first. */
export function tableRow({ target, inputs, accepted, refused, slowestMs, heapGrowthBytes }: TargetResult): string {
  const growth = heapGrowthBytes === undefined ? '' : `${Math.max(0, heapGrowthBytes / 1e6).toFixed(1)} MB`;
  const reasons = Object.entries(refused).sort(([, one], [, other]) => other - one);
  const cells = [target, String(inputs), String(accepted), slowestMs?.toFixed(1) ?? '', growth];
  return row(cells, reasons.map(([reason, count]) => `${reason} ${count}`).join(', '));
}
