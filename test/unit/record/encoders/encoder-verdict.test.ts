import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENCODER_NAMES, type EncoderName, type EncoderWish } from '../../../../src/base/encoder-names.ts';
import { PROFILES } from '../../../../src/record/encoders/encoder-order.ts';
import {
  candidates,
  chooseEncoder,
  type EncoderStanding,
  isUndecided,
} from '../../../../src/record/encoders/encoder-verdict.ts';

const UNKNOWN: EncoderStanding = { verdict: undefined, demoted: undefined, missing: false, needsSize: false };
const MISSING: EncoderStanding = { ...UNKNOWN, missing: true };
const WORKS: EncoderStanding = { ...UNKNOWN, verdict: { works: true, likenessDb: 40, lasting: true } };
const fails = (reason: string): EncoderStanding => ({ ...UNKNOWN, verdict: { works: false, reason, lasting: true } });

type Known = Partial<Record<EncoderName, EncoderStanding>>;

const choose = (wish: EncoderWish, known: Known, avoid: readonly EncoderName[] = []) =>
  chooseEncoder(wish, avoid, (name) => known[name] ?? MISSING);
const undecided = (wish: EncoderWish, known: Known): boolean => isUndecided(wish, (name) => known[name] ?? MISSING);

test('profiles stand in the order of the names: hardware, then the processor, then copy', () => {
  assert.deepEqual(
    PROFILES.map(({ name }) => name),
    ENCODER_NAMES,
  );
  const kinds = PROFILES.map(({ kind }) => kind);
  assert.deepEqual(kinds, [...Array(6).fill('hardware'), 'software', 'software', 'copy']);
});

test('candidates begin with the one asked for and end with copy', () => {
  assert.deepEqual(candidates('copy'), ['copy']);
  assert.deepEqual(candidates('auto'), ENCODER_NAMES);
  assert.deepEqual(candidates('mpeg4').slice(0, 2), ['mpeg4', 'h264_nvmpi']);
  assert.equal(candidates('mpeg4').at(-1), 'copy');
});

test('auto takes the first that works and says nothing of devices that are not there', () => {
  assert.deepEqual(choose('auto', { libx264: WORKS, mpeg4: WORKS }), { encoder: 'libx264', reason: undefined });
});

test('auto says why one that is there was passed over', () => {
  const choice = choose('auto', { h264_vaapi: fails('no VA display'), libx264: WORKS });
  assert.deepEqual(choice, { encoder: 'libx264', reason: 'h264_vaapi: no VA display' });
});

test('auto uses what is known to work while something better has not been probed', () => {
  const choice = choose('auto', { h264_qsv: UNKNOWN, libx264: WORKS });
  assert.deepEqual(choice, { encoder: 'libx264', reason: 'h264_qsv: not probed yet' });
});

test('auto copies as long as nothing is known to work', () => {
  assert.deepEqual(choose('auto', {}), { encoder: 'copy', reason: undefined });
  assert.equal(choose('auto', { libx264: UNKNOWN }).encoder, 'copy');
});

test('an encoder that is named is used before its probe, and not against its verdict', () => {
  assert.deepEqual(choose('libx264', { libx264: UNKNOWN }), { encoder: 'libx264', reason: undefined });
  const refused = choose('libx264', { libx264: fails('no such encoder'), mpeg4: WORKS });
  assert.deepEqual(refused, { encoder: 'mpeg4', reason: 'libx264: no such encoder' });
});

test('an encoder that is named is not used without its device, or before a picture when it needs the size', () => {
  const missing = choose('h264_vaapi', { libx264: WORKS });
  assert.deepEqual(missing, { encoder: 'libx264', reason: 'h264_vaapi: this machine has no such device' });
  const early = choose('h264_v4l2m2m', { h264_v4l2m2m: { ...UNKNOWN, needsSize: true } });
  assert.deepEqual(early, { encoder: 'copy', reason: 'h264_v4l2m2m: no picture has been seen yet' });
});

test('an encoder that was given up is passed over although its probe went well', () => {
  const known = { h264_nvenc: { ...WORKS, demoted: 'given up' }, libx264: WORKS };
  assert.deepEqual(choose('auto', known), { encoder: 'libx264', reason: 'h264_nvenc: given up' });
});

test('an encoder that failed in a clip is not chosen for the rest of it', () => {
  const choice = choose('libx264', { libx264: WORKS, mpeg4: WORKS }, ['libx264']);
  assert.deepEqual(choice, { encoder: 'mpeg4', reason: 'libx264: it failed in this clip' });
});

test('copy is always copied', () => {
  assert.deepEqual(choose('copy', { libx264: WORKS }), { encoder: 'copy', reason: undefined });
});

test('undecided is what a probe could better', () => {
  assert.equal(undecided('auto', { h264_qsv: UNKNOWN, libx264: WORKS }), true);
  assert.equal(undecided('auto', { libx264: WORKS, mpeg4: UNKNOWN }), false);
  assert.equal(undecided('auto', { h264_qsv: fails('no'), libx264: WORKS }), false);
  assert.equal(undecided('auto', { libx264: { ...WORKS, demoted: 'given up' }, mpeg4: UNKNOWN }), true);
  assert.equal(undecided('auto', {}), false);
  assert.equal(undecided('copy', { libx264: UNKNOWN }), false);
  assert.equal(undecided('libx264', { h264_qsv: UNKNOWN, libx264: WORKS }), false);
});
