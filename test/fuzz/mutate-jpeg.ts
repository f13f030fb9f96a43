import { extremeRestartInterval, extremeSegment } from './extreme-segments.ts';
import { type JpegParts, joinParts, partsOf } from './jpeg-parts.ts';
import { joined, mutateBytes, severalTimes, splice } from './mutate-bytes.ts';
import type { Random } from './random.ts';

/** A picture under change; the pieces themselves are never changed in place. */
interface Draft {
  readonly segments: Uint8Array[];
  scan: Uint8Array;
}

/** Changes the draft; `donor` is another picture to take from. */
type PictureEdit = (draft: Draft, random: Random, donor: JpegParts) => void;

/** Within the scan these mean something; SOI, EOI, RSTn, SOS, DHT, DNL, and no marker at all. */
const SCAN_MARKERS = [0xd8, 0xd9, 0xd0, 0xd1, 0xd7, 0xda, 0xc4, 0xdc, 0xff, 0x00, 0x01, 0xe0];

const editSegment: PictureEdit = ({ segments }, random) => {
  const at = random.below(segments.length);
  const segment = segments[at];
  if (segment !== undefined) segments[at] = extremeSegment(segment, random);
};

const editLength: PictureEdit = ({ segments }, random) => {
  const at = random.below(segments.length);
  const changed = segments[at]?.slice();
  if (changed === undefined || changed.length < 4) return;
  const length = (changed[2]! << 8) | changed[3]!;
  const wrong = random.oneIn(2) ? length + random.between(-3, 3) : random.word();
  changed.set([(wrong >> 8) & 0xff, wrong & 0xff], 2);
  segments[at] = changed;
};

const editSegmentByte: PictureEdit = ({ segments }, random) => {
  const at = random.below(segments.length);
  const segment = segments[at];
  if (segment !== undefined) segments[at] = mutateBytes(segment, random);
};

const removeSegment: PictureEdit = ({ segments }, random) => {
  segments.splice(random.below(segments.length), 1);
};

const doubleSegment: PictureEdit = ({ segments }, random) => {
  const segment = segments[random.below(segments.length)];
  if (segment !== undefined) segments.splice(random.below(segments.length + 1), 0, segment);
};

const swapSegments: PictureEdit = ({ segments }, random) => {
  const [one, other] = [random.below(segments.length), random.below(segments.length)];
  const [first, second] = [segments[one], segments[other]];
  if (first === undefined || second === undefined) return;
  segments[one] = second;
  segments[other] = first;
};

const insertSegment: PictureEdit = ({ segments }, random, donor) => {
  const segment = random.oneIn(2) ? random.pick(donor.segments) : extremeSegment(random.pick(donor.segments), random);
  segments.splice(random.below(segments.length + 1), 0, segment);
};

const insertRestartInterval: PictureEdit = ({ segments }, random) => {
  segments.splice(random.below(segments.length), 0, extremeRestartInterval(random));
};

/** Fill bytes, markers without a segment, a byte that is no marker. */
const insertBetween: PictureEdit = ({ segments }, random) => {
  const pieces = [
    [0xff],
    [0xff, 0xff, 0xff],
    [0xff, 0x01],
    [0xff, 0xd3],
    [0xff, 0x00],
    [0xff, 0xd8],
    [0xff, 0xd9],
    [0x12],
  ];
  segments.splice(random.below(segments.length + 1), 0, Uint8Array.from(random.pick(pieces)));
};

const editScan: PictureEdit = (draft, random) => {
  draft.scan = mutateBytes(draft.scan, random);
};

const insertIntoScan: PictureEdit = (draft, random) => {
  const at = random.below(draft.scan.length + 1);
  const marker = Uint8Array.of(0xff, random.pick(SCAN_MARKERS));
  draft.scan = joined(draft.scan.subarray(0, at), marker, draft.scan.subarray(at));
};

const anotherScan: PictureEdit = (draft, random, donor) => {
  draft.scan = random.oneIn(2) ? donor.scan : splice(draft.scan, donor.scan, random);
};

/** A tail that cameras leave behind: padding, EOI again, a piece of the picture before. */
const appendTail: PictureEdit = (draft, random, donor) => {
  const tails = [
    new Uint8Array(random.below(600)),
    Uint8Array.of(0xff, 0xd9),
    Uint8Array.of(0x00, 0xff, 0xd9),
    Uint8Array.of(0xff),
    Uint8Array.of(0xff, 0xff, 0xd9),
    joinParts(donor),
    donor.scan.subarray(random.below(donor.scan.length)),
  ];
  draft.scan = joined(draft.scan, random.pick(tails));
};

const cutScan: PictureEdit = (draft, random) => {
  const kept = draft.scan.subarray(0, random.oneIn(4) ? 0 : random.below(draft.scan.length));
  draft.scan = random.oneIn(2) ? kept : joined(kept, Uint8Array.of(0xff, 0xd9));
};

const EDITS: readonly PictureEdit[] = [
  editSegment,
  editSegment,
  editSegment,
  editLength,
  editSegmentByte,
  removeSegment,
  doubleSegment,
  swapSegments,
  insertSegment,
  insertRestartInterval,
  insertBetween,
  editScan,
  editScan,
  insertIntoScan,
  anotherScan,
  appendTail,
  cutScan,
];

/** Makes mutated pictures out of real ones. */
export class JpegMutator {
  readonly #pictures: readonly JpegParts[];

  constructor(pictures: readonly Uint8Array[]) {
    this.#pictures = pictures.map(partsOf);
  }

  next(random: Random): Uint8Array {
    const picture = random.pick(this.#pictures);
    const draft: Draft = { segments: [...picture.segments], scan: picture.scan };
    if (random.oneIn(64)) return joinParts(draft); // as it is
    for (let left = severalTimes(random); left > 0; left--) {
      random.pick(EDITS)(draft, random, random.pick(this.#pictures));
    }
    let bytes = joinParts(draft);
    if (random.oneIn(6)) bytes = mutateBytes(bytes, random);
    if (random.oneIn(64)) bytes = splice(bytes, joinParts(random.pick(this.#pictures)), random);
    return bytes;
  }
}
