import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { applyControls, type ControlValues } from '../../../../src/capture/v4l2/apply-controls.ts';
import { VIDIOC_QUERY_EXT_CTRL } from '../../../../src/v4l2/ioctl-numbers.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { LogCollector } from '../../../support/log-collector.ts';
import { type ScriptedControl, ScriptedDriver, withControls } from '../../../support/scripted-driver.ts';

const { EACCES, EIO, ENODEV } = constants.errno;

function camera() {
  const controls = {
    brightness: { label: 'Brightness', kind: 'integer', maximum: 255, value: 128 },
    automatic: { label: 'White Balance, Automatic', kind: 'boolean', value: 1 },
    frequency: { label: 'Power Line Frequency', kind: 'menu', menu: ['Disabled', '50 Hz', '60 Hz'], value: 2 },
    save: { label: 'Save', kind: 'button', value: 0 },
    gain: { label: 'Gain', kind: 'integer', maximum: 10, value: 3, errno: EACCES },
    focus: { label: 'Focus', kind: 'integer', maximum: 10, value: 3, errno: EIO },
  } satisfies Record<string, ScriptedControl>;
  return { controls, driver: withControls(new ScriptedDriver(), Object.values(controls)) };
}

async function apply(driver: ScriptedDriver, values: ControlValues, clock = new FakeClock()) {
  const logger = new LogCollector();
  const missed = await applyControls(await driver.open(), values, clock, logger);
  return { missed, logger };
}

test('controls are set by their names, to numbers, switches and items of menus', async () => {
  const { controls, driver } = camera();
  const values = { white_balance_automatic: false, brightness: 200, power_line_frequency: '50 Hz', save: true };
  const { missed, logger } = await apply(driver, values);
  const { brightness, automatic, frequency } = controls;
  assert.deepEqual([missed, brightness.value, automatic.value, frequency.value], [[], 200, 0, 1]);
  assert.deepEqual(logger.lines, []);
});

test('a menu takes the number of an item, a switch 0 and 1', async () => {
  const { controls, driver } = camera();
  const { missed } = await apply(driver, { power_line_frequency: 0, white_balance_automatic: 0 });
  assert.deepEqual([missed, controls.frequency.value, controls.automatic.value], [[], 0, 0]);
});

test('a number that the camera moved is logged and told, also one beyond 32 bits', async () => {
  for (const wanted of [300, 4e9]) {
    const { driver } = camera();
    const { missed, logger } = await apply(driver, { brightness: wanted });
    assert.deepEqual(missed, [{ control: 'brightness', wanted, given: 255 }]);
    assert.deepEqual(logger.events, ['control_adjusted']);
  }
});

const REFUSED: readonly (readonly [string, ControlValues, RegExp])[] = [
  ['is not there', { brightnes: 1 }, /no such control that can be set: received "brightnes"\. It has: brightness, /],
  ['is ruled by another', { gain: 1 }, /another control rules it now \(EACCES\).*Turn off the automatic/],
  ['fails', { focus: 1 }, /the device failed \(EIO\)/],
  ['has no such item', { power_line_frequency: '55 Hz' }, /received "55 Hz"\. It takes .*1 \(50 Hz\), 2 \(60 Hz\)/],
  ['is a number and is given a switch', { brightness: true }, /received true\. It takes a number/],
  ['is a switch and is given a number', { white_balance_automatic: 7 }, /received 7\. It takes true or false/],
  ['is a button that is not to be pressed', { save: false }, /It takes true, which presses it/],
];
for (const [what, values, message] of REFUSED) {
  test(`a control that ${what} is logged and told, and keeps no other from being set`, async () => {
    const { controls, driver } = camera();
    const { missed, logger } = await apply(driver, { ...values, ...('brightness' in values ? {} : { brightness: 9 }) });
    assert.equal(missed.length, 1);
    assert.match(missed[0]?.error ?? '', message);
    assert.deepEqual(logger.events, ['control_not_set']);
    if (!('brightness' in values)) assert.equal(controls.brightness.value, 9);
  });
}

test('a camera that cannot list its controls is opened without', async () => {
  const { driver } = camera();
  driver.on(VIDIOC_QUERY_EXT_CTRL, () => EIO);
  const { missed } = await apply(driver, { brightness: 1, gain: 2 });
  assert.deepEqual(
    missed.map(({ control }) => control),
    ['brightness', 'gain'],
  );
});

test('a camera that takes seconds for each control is not kept from streaming by the rest', async () => {
  const { controls, driver } = camera();
  const clock = new FakeClock();
  const list = driver.ioctl.bind(driver);
  driver.ioctl = async (request, argument) => {
    await clock.advance(2000);
    return list(request, argument);
  };
  const { missed } = await apply(driver, { white_balance_automatic: false, brightness: 200 }, clock);
  assert.match(missed.at(-1)?.error ?? '', /took more than 8 s/);
  assert.equal(controls.brightness.value, 128);
});

test('a camera that is gone is told as such', async () => {
  const { driver } = camera();
  driver.on(VIDIOC_QUERY_EXT_CTRL, () => ENODEV);
  await assert.rejects(apply(driver, { brightness: 1 }), { code: 'device_lost' });
});
