import assert from 'node:assert/strict';
import { STANDARD_DHT } from '../../src/jpeg/dht-injection.ts';
import type { JpegFault, JpegLayout, QuantTable } from '../../src/jpeg/layout.ts';
import { reasonsOf } from './target.ts';

export const JPEG_FAULTS = reasonsOf<JpegFault>({
  empty: true,
  no_soi: true,
  bad_marker: true,
  length_past_end: true,
  bad_segment: true,
  no_sof: true,
  no_sos: true,
  no_eoi: true,
});

const EOI_BYTES = 2;

/** All that a layout says of a picture is so: read again from the bytes, without the code that found it. */
export function assertLayout(layout: JpegLayout, bytes: Uint8Array): void {
  const { sosStart, scanStart, scanEnd } = layout;
  assert.ok(sosStart >= 2 && sosStart < scanStart && scanStart <= scanEnd, 'offsets are out of order');
  assert.ok(scanEnd + EOI_BYTES <= bytes.length, 'the scan goes beyond the bytes');
  assert.deepEqual([bytes[scanEnd], bytes[scanEnd + 1]], [0xff, 0xd9], 'no EOI behind the scan');
  const { scanEnd: _, huffman, ...facts } = layout;
  const { tables, ...wanted } = readHead(bytes);
  assert.deepEqual(facts, wanted);
  const hasOther = tables.some((table) => !STANDARD_TABLES.has(table));
  assert.equal(huffman, tables.length === 0 ? 'absent' : hasOther ? 'other' : 'standard');
}

/** The standard tables as they stand in a segment, selector included. */
const STANDARD_TABLES = new Set(huffmanTables(STANDARD_DHT.subarray(4)));

type Head = Omit<JpegLayout, 'scanEnd' | 'huffman'> & { tables: string[] };

/** Everything up to the scan, by ITU-T T.81 annex B. The markers have been walked: nothing is cut off. */
function readHead(bytes: Uint8Array): Head {
  const quantTables: (QuantTable | undefined)[] = [undefined, undefined, undefined, undefined];
  let frame: Pick<Head, 'sof' | 'precision' | 'width' | 'height' | 'components'> | undefined;
  let restartInterval = 0;
  const tables: string[] = [];
  for (let at = 2; ; ) {
    const marker = bytes[at + 1]!;
    assert.equal(bytes[at], 0xff, 'there is no marker where one must be');
    if (marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    const start = at + 4;
    const end = at + 2 + word(bytes, at + 2);
    const body = bytes.subarray(start, end);
    if (marker === 0xdd) restartInterval = word(body, 0);
    else if (marker === 0xc4) tables.push(...huffmanTables(body));
    else if (marker === 0xdb) {
      for (let i = 0; i < body.length; i += 1 + (body[i]! >= 16 ? 128 : 64)) {
        quantTables[body[i]! & 15] = { offset: start + i + 1, bits: body[i]! >= 16 ? 16 : 8 };
      }
    } else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8 && marker !== 0xcc) {
      assert.equal(frame, undefined, 'it has two frame headers');
      frame = {
        sof: marker,
        precision: body[0]!,
        height: word(body, 1),
        width: word(body, 3),
        components: triples(body).map(([id, sampling, tq]) => ({ id, h: sampling >> 4, v: sampling & 15, tq })),
      };
    } else if (marker === 0xda) {
      const scan = Array.from({ length: body[0]! }, (_, i) => {
        const selector = body[2 + 2 * i]!;
        return { id: body[1 + 2 * i]!, dc: selector >> 4, ac: selector & 15 };
      });
      return {
        ...(frame ?? assert.fail('no frame header')),
        quantTables,
        restartInterval,
        scan,
        sosStart: at,
        scanStart: end,
        tables,
      };
    }
    at = end;
  }
}

const triples = (body: Uint8Array): [number, number, number][] =>
  Array.from({ length: body[5]! }, (_, i) => [body[6 + 3 * i]!, body[7 + 3 * i]!, body[8 + 3 * i]!]);

/** Each table of a segment as a string. */
function huffmanTables(body: Uint8Array): string[] {
  const tables: string[] = [];
  for (let at = 0; at < body.length; ) {
    const end = body.subarray(at + 1, at + 17).reduce((sum, count) => sum + count, at + 17);
    tables.push(Buffer.from(body.subarray(at, end)).toString('latin1'));
    at = end;
  }
  return tables;
}

const word = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
