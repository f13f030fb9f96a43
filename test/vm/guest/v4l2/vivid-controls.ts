import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { getControl, setControl, setControls, tryControl } from '../../../../src/v4l2/control-values.ts';
import { listControls, queryControl } from '../../../../src/v4l2/controls.ts';
import { V4l2Device } from '../../../../src/v4l2/device.ts';
import { setFormat } from '../../../../src/v4l2/formats.ts';
import { MmapStream } from '../../../../src/v4l2/streaming.ts';
import { controlNamed, VividDevices } from './vivid-devices.ts';

/** Every kind of control: vivid has one of each. */
export function checkControls(): void {
  const vivid = new VividDevices();
  before(() => vivid.load());
  after(() => vivid.unload());

  describe('Controls', () => {
    test('are listed with their kind, range and flags', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      const controls = await listControls(device);
      const kinds = new Set(controls.map(({ kind }) => kind));
      assert.equal(kinds.size, 9, [...kinds].join());
      assert.deepEqual(await controlNamed(device, 'brightness', 'integer'), {
        id: 0x00980900,
        name: 'brightness',
        label: 'Brightness',
        readOnly: false,
        writeOnly: false,
        inactive: false,
        grabbed: false,
        volatile: false,
        updatesOthers: false,
        changesLayout: false,
        kind: 'integer',
        minimum: 0,
        maximum: 255,
        step: 1,
        defaultValue: 128,
        menu: [],
      });
    });

    test('with a menu tell its items, and skip those the driver leaves out', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      const { menu } = await controlNamed(device, 'menu', 'menu');
      assert.deepEqual(
        menu.map(({ value, label }) => `${value} ${label}`),
        ['1 Menu Item 1', '3 Menu Item 3', '4 Menu Item 4'],
      );
      const numbers = (await controlNamed(device, 'integer_menu', 'integer_menu')).menu;
      assert.deepEqual(numbers.at(-1), { value: 8, label: '42' });
    });

    for (const [name, value] of [
      ['integer_32_bits', -2147483648],
      ['boolean', 0],
      ['menu', 4],
      ['integer_menu', 5],
      ['bitmask', 0x80002010],
      ['button', 1],
    ] as const) {
      test(`of the kind of ${name} are set and read back`, async () => {
        await using device = await V4l2Device.open(vivid.singlePlanar);
        const kinds = ['integer', 'boolean', 'menu', 'integer_menu', 'bitmask', 'button'] as const;
        const control = await controlNamed(device, name, ...kinds);
        assert.equal(await setControl(device, control, value), value);
        if (!control.writeOnly) assert.equal(await getControl(device, control), value);
      });
    }

    test('of 64 bits and with text are set and read back', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      const wide = await controlNamed(device, 'integer_64_bits', 'integer64');
      assert.equal(await setControl(device, wide, -9007199254740993n), -9007199254740993n);
      const text = await controlNamed(device, 'string', 'string');
      assert.deepEqual([text.minimum, text.maximum], [2, 4]);
      assert.equal(await setControl(device, text, 'abc'), 'abc');
      await assert.rejects(setControl(device, text, 'abcde'), { code: 'unsupported', message: /2 to 4 characters/ });
      assert.equal(await getControl(device, text), 'abc');
    });

    test('with arrays and structs are read as bytes', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      const matrix = await controlNamed(device, 'u16_8x16_matrix', 'compound');
      assert.deepEqual([matrix.dimensions, matrix.elementBytes, matrix.elements], [[8, 16], 2, 128]);
      const bytes = await getControl(device, matrix);
      assert.deepEqual(new Set(new Uint16Array(bytes.buffer, bytes.byteOffset, 128)), new Set([24]));
      const area = await getControl(device, await controlNamed(device, 'area', 'compound'));
      assert.deepEqual([...new Uint32Array(area.buffer, area.byteOffset, 2)], [1000, 2000]);
    });

    test('take the nearest of a number that is out of range, and say so before when tried', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      const brightness = await controlNamed(device, 'brightness', 'integer');
      await setControl(device, brightness, 7);
      assert.equal(await tryControl(device, brightness, 9999), 255);
      assert.equal(await getControl(device, brightness), 7);
      assert.equal(await setControl(device, brightness, 9999), 255);
      const menu = await controlNamed(device, 'menu', 'menu');
      await assert.rejects(setControl(device, menu, 2), { code: 'unsupported' });
    });

    test('that are read-only refuse to be set, those write-only to be read', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      const readOnly = await controlNamed(device, 'read_only_integer_32_bits', 'integer');
      assert.equal(readOnly.readOnly, true);
      await assert.rejects(setControl(device, readOnly, 1), { code: 'unsupported', message: /read-only.*EACCES/ });
      const button = await controlNamed(device, 'button', 'button');
      await assert.rejects(getControl(device, button), { code: 'unsupported', message: /only be set/ });
    });

    test('are inactive while an automatic rules them, and volatile', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      const automatic = await controlNamed(device, 'gain_automatic', 'boolean');
      const gain = await controlNamed(device, 'gain', 'integer');
      assert.deepEqual([automatic.updatesOthers, gain.inactive, gain.volatile], [true, true, true]);
      assert.deepEqual(
        await setControls(device, [
          { control: automatic, value: 0 },
          { control: gain, value: 42 },
        ]),
        [0, 42],
      );
      const now = await queryControl(device, gain);
      assert.deepEqual([now?.inactive, now?.volatile], [false, false]);
      await setControl(device, automatic, 1);
    });

    test('set together are set all or none, and the one to blame is named', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      const brightness = await controlNamed(device, 'brightness', 'integer');
      const readOnly = await controlNamed(device, 'read_only_integer_32_bits', 'integer');
      await setControl(device, brightness, 10);
      const both = [
        { control: brightness, value: 20 },
        { control: readOnly, value: 1 },
      ];
      await assert.rejects(setControls(device, both), { message: /the control read_only_integer_32_bits of/ });
      assert.equal(await getControl(device, brightness), 10);
    });

    test('that hold the layout of pictures are grabbed while the device streams', async () => {
      await using device = await V4l2Device.open(vivid.singlePlanar);
      await setFormat(device, { fourcc: 'YUYV', width: 320, height: 180 });
      const cropping = await controlNamed(device, 'enable_capture_cropping', 'boolean');
      assert.equal(cropping.grabbed, false);
      await using stream = await MmapStream.open(device);
      await stream.start();
      assert.equal((await queryControl(device, cropping))?.grabbed, true);
      await assert.rejects(setControl(device, cropping, 0), { code: 'unsupported', message: /in use \(EBUSY\)/ });
    });
  });
}
