import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matroskaFrameHeader, matroskaHeader } from '../../../../src/record/media/matroska.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('Matroska header is an EBML header, an open Segment, Info and one V_MJPEG track [RFC 9559 §5.1]', () => {
  const header = matroskaHeader({ width: 1280, height: 720, frameDurationUs: 33_333 });
  assert.equal(
    hex(header),
    [
      '1a45dfa3' + '93', // EBML
      '4282' + '88' + '6d6174726f736b61', // DocType "matroska"
      '4287' + '81' + '04', // DocTypeVersion
      '4285' + '81' + '02', // DocTypeReadVersion
      '18538067' + '01ffffffffffffff', // Segment of unknown size
      '1549a966' + '98', // Info
      '2ad7b1' + '82' + '03e8', // TimestampScale: 1000 ns
      '4d80' + '86' + '63616d626f78', // MuxingApp
      '5741' + '86' + '63616d626f78', // WritingApp
      '1654ae6b' + 'aa', // Tracks
      'ae' + 'a8', // TrackEntry
      'd7' + '81' + '01', // TrackNumber
      '73c5' + '81' + '01', // TrackUID
      '83' + '81' + '01', // TrackType: video
      '9c' + '81' + '00', // FlagLacing
      '23e383' + '84' + '01fc9f08', // DefaultDuration: 33 333 000 ns
      '86' + '87' + '565f4d4a504547', // CodecID "V_MJPEG"
      'e0' + '88' + 'b0' + '82' + '0500' + 'ba' + '82' + '02d0', // Video: 1280 x 720
    ].join(''),
  );
});

test('Matroska frame header is a Cluster with one key-frame SimpleBlock at its time [RFC 9559 §10.2]', () => {
  const header = matroskaFrameHeader(1_234_567, 265_000);
  assert.equal(
    hex(header),
    [
      '1f43b675' + '0100000000040b3f', // Cluster: 10 + 9 + 4 + 265 000 bytes
      'e7' + '88' + '000000000012d687', // Timestamp: 1 234 567 us
      'a3' + '0100000000040b2c', // SimpleBlock: 4 + 265 000 bytes
      '81' + '0000' + '80', // track 1, relative time 0, key frame
    ].join(''),
  );
});

test('Matroska frame header keeps a time of days to the microsecond', () => {
  const ptsUs = 30 * 86_400 * 1e6 + 1;
  assert.equal(Buffer.from(matroskaFrameHeader(ptsUs, 1)).readBigUInt64BE(14), BigInt(ptsUs));
});
