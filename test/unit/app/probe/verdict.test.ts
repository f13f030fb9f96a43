import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProbeResult } from '../../../../src/app/probe/probe.ts';
import { judge } from '../../../../src/app/probe/verdict.ts';
import { CamboxError } from '../../../../src/base/errors.ts';
import { ReasonCounts } from '../../../../src/base/reason-counts.ts';
import { newSourceCounts, type SourceCounts } from '../../../../src/capture/frame-source.ts';
import type { RtpJpegRefusal } from '../../../../src/rtp/jpeg-form.ts';

const REGULAR = { least: 33, p50: 33.3, p99: 34, most: 36 };

function reasons<Reason extends string>(counts: Partial<Record<Reason, number>>): ReasonCounts<Reason> {
  const result = new ReasonCounts<Reason>();
  for (const [reason, count] of Object.entries<number>(counts as Record<string, number>)) {
    result.add(reason as Reason, count);
  }
  return result;
}

/** What a good camera gives in ten seconds; `changes` spoil it. */
function probed(changes: Partial<ProbeResult> = {}, pictures: Partial<ProbeResult['pictures']> = {}): ProbeResult {
  return {
    about: { kind: 'v4l2', source: '/dev/video0', width: 1280, height: 720, fps: 30 },
    seconds: 10,
    pace: { rate: 30, interval_ms: REGULAR, longest_wait_ms: 36, delay_ms: REGULAR },
    rate: 30,
    pictures: {
      count: 300,
      bytes: { least: 80_000, p50: 85_000, p99: 90_000, most: 91_000 },
      coding: undefined,
      coding_changes: 0,
      quantisation: { tables: 2, bits: 8, quality: 85, changes: 0 },
      as_it_is: 300,
      large: 0,
      recoded: new ReasonCounts<RtpJpegRefusal>(),
      refused: new ReasonCounts<RtpJpegRefusal>(),
      ...pictures,
    },
    buffers: undefined,
    counts: newSourceCounts(),
    samples: { checked: 32, damaged: new ReasonCounts(), recode_ms: undefined },
    error: undefined,
    ...changes,
  };
}

const countsWith = (changes: Partial<SourceCounts>): SourceCounts => ({ ...newSourceCounts(), ...changes });

test('a good camera sends as it is, with nothing to look at', () => {
  assert.deepEqual(judge(probed()), {
    verdict: 'as_it_is',
    grade: 'ok',
    sentences: ['is sent as it is'],
    warnings: [],
  });
});

test('a few pictures that came too fast at the start are no matter', () => {
  assert.equal(judge(probed({ counts: countsWith({ dropped: reasons({ stale: 3 }) }) })).grade, 'ok');
});

test('optimised Huffman tables are re-coded, with the cost of it', () => {
  const samples = { checked: 32, damaged: new ReasonCounts<never>(), recode_ms: 5.02 };
  const { verdict, grade, sentences } = judge(probed({ samples }, { as_it_is: 0, recoded: reasons({ huffman: 300 }) }));
  assert.deepEqual([verdict, grade], ['recoded', 'warning']);
  assert.match(
    sentences[0]!,
    /^is re-coded without loss, about 5 ms a picture \(15 % of a CPU\): Huffman tables of its/,
  );
});

test('what cannot be sent says why, and fails', () => {
  const result = judge(probed({}, { as_it_is: 0, refused: reasons({ progressive: 300 }) }));
  assert.deepEqual([result.verdict, result.grade], ['refused', 'failure']);
  assert.match(result.sentences[0]!, /^cannot be sent: progressive coding/);
});

test('pictures of several fates are told with how many', () => {
  const result = judge(probed({}, { as_it_is: 290, recoded: reasons({ huffman: 10 }) }));
  assert.deepEqual([result.verdict, result.grade], ['mixed', 'warning']);
  assert.equal(result.sentences[0], 'is sent as it is, 290 of 300 pictures');
});

test('a source without a whole picture fails', () => {
  const result = judge(probed({ pace: undefined, rate: undefined }, { count: 0, as_it_is: 0, bytes: undefined }));
  assert.deepEqual([result.verdict, result.grade, result.sentences], ['nothing', 'failure', ['no whole picture came']]);
});

test('a camera that broke while it was looked at fails', () => {
  const error = new CamboxError('device_lost', { verb: 'capture from', thing: '/dev/video0', reason: 'it is gone' });
  assert.equal(judge(probed({ error })).grade, 'failure');
});

const WARNINGS: readonly (readonly [what: string, result: ProbeResult, warning: RegExp])[] = [
  ['a size that RTP has no field for', probed({}, { large: 300 }), /larger than 2040 pixels.*ffmpeg/],
  ['a coding that changes', probed({}, { coding_changes: 3 }), /coding changes from picture to picture, 3 times/],
  [
    'a rate below the promised one',
    probed({ pace: { ...probed().pace!, rate: 15 } }),
    /^15 pictures a second instead of 30: too little light/,
  ],
  [
    'irregular intervals',
    probed({ pace: { ...probed().pace!, interval_ms: { ...REGULAR, p99: 80 } } }),
    /irregular: one interval in a hundred is 80 ms/,
  ],
  ['gaps', probed({ counts: countsWith({ gaps: 4 }) }), /^missing pictures: 4; USB/],
  [
    'pictures thrown away',
    probed({ counts: countsWith({ dropped: reasons({ no_eoi: 2, buffer_error: 1 }) }) }),
    /thrown away: 2 no_eoi, 1 buffer_error/,
  ],
  [
    'a machine that is too slow to look',
    probed({ counts: countsWith({ dropped: reasons({ stale: 20 }) }) }),
    /^20 pictures came faster than this machine/,
  ],
  [
    'pictures damaged inside',
    probed({ samples: { checked: 32, damaged: reasons({ bad_code: 3 }), recode_ms: undefined } }),
    /^3 of 32 pictures looked into are damaged inside: cable/,
  ],
  [
    'timestamps of another clock',
    probed({
      buffers: {
        count: 300,
        padded: 0,
        most_padding_bytes: 0,
        timestamp_clock: 'other',
        timestamp_of: 'end_of_frame',
      },
    }),
    /not of the monotonic clock/,
  ],
  [
    'implausible timestamps',
    probed({ counts: countsWith({ retimed: reasons({ backward: 2 }) }) }),
    /implausible timestamps of the driver: \{"backward":2\}/,
  ],
];
for (const [what, result, warning] of WARNINGS) {
  test(`${what} is worth a warning`, () => {
    const { grade, warnings } = judge(result);
    assert.equal(grade, 'warning');
    assert.equal(warnings.length, 1, JSON.stringify(warnings));
    assert.match(warnings[0]!, warning);
  });
}
