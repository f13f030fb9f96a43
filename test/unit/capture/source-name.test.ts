import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CamboxError } from '../../../src/base/errors.ts';
import { parseSourceName, type SourceName } from '../../../src/capture/source-name.ts';
import { source } from '../../../src/config/formats.ts';

const NAMES: readonly (readonly [text: string, name: SourceName])[] = [
  ['/dev/video0', { kind: 'v4l2', camera: { kind: 'node', path: '/dev/video0' } }],
  ['serial:A1', { kind: 'v4l2', camera: { kind: 'serial', serial: 'A1' } }],
  ['synthetic', { kind: 'synthetic', width: 1280, height: 720 }],
  ['synthetic:640x480', { kind: 'synthetic', width: 640, height: 480 }],
  ['shots/*.jpg', { kind: 'replay', path: 'shots/*.jpg' }],
];
for (const [text, name] of NAMES) {
  test(`parseSourceName takes ${text} for ${name.kind}`, () => assert.deepEqual(parseSourceName(text), name));
}

for (const text of [
  'usb:46d:825',
  'usb:',
  'serial:',
  'path:',
  'synthetic:0x0',
  'synthetic:1x',
  'synthetic:8193x48',
  'synthetic:640x65535',
]) {
  test(`parseSourceName refuses ${text}`, () => {
    assert.throws(() => parseSourceName(text), { code: 'bad_argument', message: new RegExp(`received "${text}"`) });
  });
}

test('the config takes no name of a camera that parseSourceName refuses, and refuses none that it takes', () => {
  const part = fc.stringMatching(/^[0-9a-fA-F]{3,5}$/);
  const name = fc.oneof(
    fc.tuple(part, part).map(([vendor, product]) => `usb:${vendor}:${product}`),
    fc.tuple(part, part, fc.string()).map(([vendor, product, serial]) => `usb:${vendor}:${product}:${serial}`),
    fc.tuple(fc.nat(20_000), fc.nat(20_000)).map(([width, height]) => `synthetic:${width}x${height}`),
    fc
      .tuple(fc.constantFrom('usb:', 'serial:', 'path:', 'synthetic', 'synthetic:'), fc.string())
      .map(([prefix, rest]) => prefix + rest),
  );
  fc.assert(
    fc.property(name, (text) => {
      let refusal: unknown;
      try {
        parseSourceName(text);
      } catch (thrown) {
        refusal = thrown;
      }
      assert.ok(refusal === undefined || refusal instanceof CamboxError);
      if (refusal === undefined) source(text);
      else assert.throws(() => source(text));
    }),
  );
});
