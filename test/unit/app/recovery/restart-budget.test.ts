import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { openRestartBudget, RestartBudget } from '../../../../src/app/recovery/restart-budget.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const HOUR_MS = 3_600_000;
/** Since the boot of the machine. */
const UPTIME_US = 10 * HOUR_MS * 1000;

let folder: string;
let path: string;
let clock: FakeClock;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cambox-budget-'));
  path = join(folder, 'state', 'restarts.json');
  clock = new FakeClock(UPTIME_US);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As after a start of the service. */
const budget = (boot = 'boot-1', at = clock): RestartBudget => new RestartBudget({ path, boot, clock: at });

async function spend(times: number, from = budget()): Promise<(string | undefined)[]> {
  const answers: (string | undefined)[] = [];
  for (let i = 0; i < times; i++) answers.push(await from.spend('the test'));
  return answers;
}

test('budget grants three restarts within an hour', async () => {
  const answers = await spend(4);
  assert.deepEqual(answers.slice(0, 3), [undefined, undefined, undefined]);
  assert.match(answers[3] ?? '', /restarted 3 times within the last hour/);
});

test('budget remembers over restarts of the service', async () => {
  for (let i = 0; i < 3; i++) assert.equal(await budget().spend('the test'), undefined);
  assert.match((await budget().spend('the test')) ?? '', /3 times/);
});

test('budget grants another one when an hour has passed since the first', async () => {
  await spend(1);
  await clock.advance(HOUR_MS / 2);
  await spend(2);
  await clock.advance(HOUR_MS / 2);
  const answers = await spend(2);
  assert.equal(answers[0], undefined);
  assert.match(answers[1] ?? '', /3 times/);
});

test('budget remembers over a boot of the machine, for an hour after it', async () => {
  await spend(3);
  const booted = new FakeClock(60e6);
  assert.match((await budget('boot-2', booted).spend('the test')) ?? '', /3 times/);
  await booted.advance(HOUR_MS - 60_000);
  assert.equal(await budget('boot-2', booted).spend('the test'), undefined);
});

test('budget makes a boot loop impossible', async () => {
  let granted = 0;
  for (let boot = 0; boot < 20; boot++) {
    const booted = new FakeClock(60e6);
    if ((await budget(`boot-${boot}`, booted).spend('the test')) === undefined) granted += 1;
  }
  assert.equal(granted, 3);
});

test('budget grants three to two who ask at the same time', async () => {
  const both = budget();
  const answers = await Promise.all(Array.from({ length: 6 }, () => both.spend('the test')));
  assert.equal(answers.filter((answer) => answer === undefined).length, 3);
});

test('budget keeps no more than it needs', async () => {
  for (let i = 0; i < 10; i++) {
    await spend(1);
    await clock.advance(HOUR_MS);
  }
  assert.equal(JSON.parse(readFileSync(path, 'utf8')).restarts.length, 1);
});

test('budget grants nothing that it could not remember', async () => {
  writeFileSync(join(folder, 'state'), 'a file where the folder should be');
  assert.match((await budget().spend('the test')) ?? '', /ENOTDIR|EEXIST/);
});

test('budget grants nothing where there is no state folder', async () => {
  const nowhere = await openRestartBudget(undefined, clock);
  assert.match((await nowhere.spend('the test')) ?? '', /no state folder/);
});

test('budget keeps its file in the first of the state folders', async () => {
  const opened = await openRestartBudget(`${folder}:${folder}/clips`, clock);
  assert.equal(await opened.spend('the test'), undefined);
  assert.ok(existsSync(join(folder, 'restarts.json')));
});

for (const [what, content] of [
  ['empty', ''],
  ['damaged', '{"restarts":[{"boot":"boo'],
  ['of another shape', '{"restarts":[null,7,{"boot":1}],"more":true}'],
  ['no object', 'null'],
] as const) {
  test(`budget starts anew when its file is ${what}`, async () => {
    mkdirSync(join(folder, 'state'));
    writeFileSync(path, content);
    const answers = await spend(4);
    assert.equal(answers.filter((answer) => answer === undefined).length, 3);
  });
}

test('budget replaces its file as a whole', async () => {
  await spend(1);
  chmodSync(path, 0o400); // writing into it would fail for a user that is not root, and leave half a file after a power cut
  assert.deepEqual(await spend(1), [undefined]);
  assert.equal(JSON.parse(readFileSync(path, 'utf8')).restarts.length, 2);
  assert.equal(existsSync(`${path}.new`), false);
});
