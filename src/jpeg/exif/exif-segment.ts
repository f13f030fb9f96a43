import type { Position } from '../../base/position.ts';
import type { WallMs } from '../../base/units.ts';
import {
  asciiEntry,
  bytesEntry,
  directoryBytes,
  longEntry,
  rationalEntry,
  shortEntry,
  type TiffEntry,
  undefinedEntry,
  writeDirectory,
} from './tiff-directory.ts';

/** What a picture tells of how it was taken. */
export interface ExifFacts {
  readonly takenAt: WallMs;
  /** Local time less UTC, in minutes. */
  readonly utcOffsetMinutes: number;
  readonly camera: string;
  readonly box: string | undefined;
  readonly software: string;
  readonly width: number;
  readonly height: number;
  /** Undefined when it is not known. */
  readonly position: Position | undefined;
}

const APP1 = 0xe1;
const SIGNATURE = [...Buffer.from('Exif\0\0', 'latin1')];
/** "MM": most significant byte first, 42, and where the first directory stands. */
const TIFF_HEADER = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8];
const MINUTE_MS = 60_000;

/**
 * The whole APP1 segment (Exif 2.31 §4.5.4, §4.6): the directory of the picture, that of Exif, and that of GPS when the
 * position is known. Tags that Exif demands are there. Pure.
 */
export function exifSegment(facts: ExifFacts): Uint8Array {
  const exif = exifEntries(facts);
  const gps = facts.position === undefined ? [] : gpsEntries(facts.position);
  // the lengths of directories do not depend on where they stand
  const pointers = (exifAt: number, gpsAt: number): TiffEntry[] => [
    longEntry(0x8769, exifAt),
    ...(gps.length === 0 ? [] : [longEntry(0x8825, gpsAt)]),
  ];
  const picture = pictureEntries(facts);
  const exifAt = TIFF_HEADER.length + directoryBytes([...picture, ...pointers(0, 0)]);
  const gpsAt = exifAt + directoryBytes(exif);
  const body = [
    ...SIGNATURE,
    ...TIFF_HEADER,
    ...writeDirectory([...picture, ...pointers(exifAt, gpsAt)], TIFF_HEADER.length),
    ...writeDirectory(exif, exifAt),
    ...(gps.length === 0 ? [] : writeDirectory(gps, gpsAt)),
  ];
  const length = body.length + 2;
  return Uint8Array.from([0xff, APP1, length >> 8, length & 0xff, ...body]);
}

const pictureEntries = (facts: ExifFacts): TiffEntry[] => [
  asciiEntry(0x010e, facts.box === undefined ? facts.camera : `${facts.camera} @ ${facts.box}`), // ImageDescription
  asciiEntry(0x0110, facts.camera), // Model
  rationalEntry(0x011a, [72, 1]), // XResolution, YResolution, ResolutionUnit: unknown is 72 dots an inch
  rationalEntry(0x011b, [72, 1]),
  shortEntry(0x0128, 2),
  asciiEntry(0x0131, facts.software),
  asciiEntry(0x0132, localTime(facts)), // DateTime
  shortEntry(0x0213, 1), // YCbCrPositioning: centred, as in JFIF
];

function exifEntries(facts: ExifFacts): TiffEntry[] {
  const [time, fraction, offset] = [localTime(facts), fractionOf(facts), offsetOf(facts)];
  return [
    undefinedEntry(0x9000, ...Buffer.from('0231', 'latin1')), // ExifVersion: 2.31 knows the offset of times
    asciiEntry(0x9003, time), // DateTimeOriginal, DateTimeDigitized
    asciiEntry(0x9004, time),
    ...[0x9010, 0x9011, 0x9012].map((tag) => asciiEntry(tag, offset)), // OffsetTime, …Original, …Digitized
    ...[0x9290, 0x9291, 0x9292].map((tag) => asciiEntry(tag, fraction)), // SubSecTime, …Original, …Digitized
    undefinedEntry(0x9101, 1, 2, 3, 0), // ComponentsConfiguration: Y Cb Cr
    undefinedEntry(0xa000, ...Buffer.from('0100', 'latin1')), // FlashpixVersion
    shortEntry(0xa001, 1), // ColorSpace: sRGB
    longEntry(0xa002, facts.width), // PixelXDimension, PixelYDimension
    longEntry(0xa003, facts.height),
    ...(facts.box === undefined ? [] : [asciiEntry(0xa431, facts.box)]), // BodySerialNumber
  ];
}

/** Version 2.3.0.0, references and values, WGS 84 (§4.6.6). */
const gpsEntries = ({ latitude, longitude, altitudeM }: Position): TiffEntry[] => [
  bytesEntry(0x0000, 2, 3, 0, 0),
  asciiEntry(0x0001, latitude < 0 ? 'S' : 'N'),
  rationalEntry(0x0002, ...degrees(latitude)),
  asciiEntry(0x0003, longitude < 0 ? 'W' : 'E'),
  rationalEntry(0x0004, ...degrees(longitude)),
  ...(altitudeM === undefined
    ? []
    : [bytesEntry(0x0005, altitudeM < 0 ? 1 : 0), rationalEntry(0x0006, [Math.round(Math.abs(altitudeM) * 100), 100])]),
  asciiEntry(0x0012, 'WGS-84'),
];

/** Parts of a second of arc; a ten-thousandth is 3 mm. */
const SECOND_PARTS = 10_000;

/** Degrees, minutes and seconds. */
function degrees(value: number): (readonly [number, number])[] {
  const parts = Math.round(Math.abs(value) * 3600 * SECOND_PARTS);
  const wholeMinutes = Math.floor(parts / (60 * SECOND_PARTS));
  return [
    [Math.floor(wholeMinutes / 60), 1],
    [wholeMinutes % 60, 1],
    [parts % (60 * SECOND_PARTS), SECOND_PARTS],
  ];
}

const isoOf = ({ takenAt, utcOffsetMinutes }: ExifFacts): string =>
  new Date(takenAt + utcOffsetMinutes * MINUTE_MS).toISOString();

/** "2026:11:21 02:10:46" */
const localTime = (facts: ExifFacts): string => isoOf(facts).slice(0, 19).replaceAll('-', ':').replace('T', ' ');
const fractionOf = (facts: ExifFacts): string => isoOf(facts).slice(20, 23);

/** "+01:00" */
function offsetOf({ utcOffsetMinutes }: ExifFacts): string {
  const minutes = Math.abs(utcOffsetMinutes);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${utcOffsetMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
