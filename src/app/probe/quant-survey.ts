import type { JpegLayout } from '../../jpeg/layout.ts';
import { standardQuantTable } from '../../jpeg/quant-tables.ts';

export interface QuantFigures {
  /** Tables that the components use: 1 to 4. */
  readonly tables: number;
  readonly bits: 8 | 16;
  /** When they are the standard's, scaled by this quality (RFC 2435 §4.2), in all pictures. */
  readonly quality: number | undefined;
  /** Pictures whose tables are not those of the one before. */
  readonly changes: number;
}

const LUMINANCE = 0;
const BEST_QUALITY = 99;

/** Follows the quantisation tables of a camera: many change them with the picture to keep a bit rate. */
export class QuantSurvey {
  #last: string | undefined;
  #changes = 0;
  #tables = 0;
  #bits: 8 | 16 = 8;
  #quality: number | undefined;

  add(layout: JpegLayout, bytes: Uint8Array): void {
    const { components, quantTables } = layout;
    const ids = [...new Set(components.map(({ tq }) => tq))];
    const tables = ids.flatMap((id) => quantTables[id] ?? []);
    const contents = tables.map(({ offset, bits }) => Buffer.from(bytes.subarray(offset, offset + 8 * bits)));
    const seen = Buffer.concat(contents).toString('latin1');
    if (seen === this.#last) return;
    const isFirst = this.#last === undefined;
    const quality = qualityOf(contents);
    this.#quality = isFirst || quality === this.#quality ? quality : undefined;
    this.#changes += isFirst ? 0 : 1;
    this.#tables = Math.max(this.#tables, tables.length);
    if (tables.some(({ bits }) => bits === 16)) this.#bits = 16;
    this.#last = seen;
  }

  figures(): QuantFigures {
    return { tables: this.#tables, bits: this.#bits, quality: this.#quality, changes: this.#changes };
  }
}

/** The quality of which these are the standard's tables, luminance first; undefined when they are others. */
function qualityOf(tables: readonly Buffer[]): number | undefined {
  for (let quality = 1; quality <= BEST_QUALITY && tables.length > 0; quality++) {
    const isAll = tables.every((table, i) =>
      table.equals(standardQuantTable(i === LUMINANCE ? 'luminance' : 'chrominance', quality)),
    );
    if (isAll) return quality;
  }
  return undefined;
}
