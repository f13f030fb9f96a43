/** A terminal over SSH is 80 columns wide. */
const WIDTH = 80;

/** A label and words after it, as many to a line as fit; further lines stand below the first word. */
export function wrapAfter(label: string, words: readonly string[], separator = ' '): string[] {
  const indent = ' '.repeat(label.length);
  const lines = [label];
  for (const [i, word] of words.entries()) {
    const text = i === words.length - 1 ? word : `${word}${separator.trimEnd()}`;
    const line = lines.at(-1)!;
    const isFirst = line === label || line === indent;
    if (isFirst) lines[lines.length - 1] = line + text;
    else if (line.length + 1 + text.length <= WIDTH) lines[lines.length - 1] = `${line} ${text}`;
    else lines.push(indent + text);
  }
  return lines;
}

/** Prose after a label. */
export const wrapText = (label: string, text: string): string[] => wrapAfter(label, text.split(' '));

/** Rows whose columns stand below each other, two spaces apart; the last is not padded. `right`: columns flush right. */
export function alignColumns(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const pad = (cell: string, i: number): string =>
    right.includes(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!);
  return rows.map((row) => row.map(pad).join('  ').trimEnd());
}
