import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlarmBoard } from '../../../../src/app/fleet/alarm-board.ts';
import type { Database } from '../../../../src/catalog/database.ts';
import { ALARM_TYPES } from '../../../../src/health/alarms.ts';
import type { Check } from '../../../../src/health/checks.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { LogCollector } from '../../../support/log-collector.ts';
import { StateFolder } from '../../../support/state-database.ts';

const LOST: Check = { id: 'camera.front', status: 'fail', code: 'camera_lost', hint: 'Plug it in' };
const FULL: Check = { id: 'disk', status: 'fail', code: 'disk_full', hint: '12 MB are free' };

function bench(db: Database | undefined, clock = new FakeClock()) {
  const said: string[] = [];
  const now: { checks: readonly Check[] } = { checks: [] };
  const logger = new LogCollector();
  const onChange = (type: string): void => void said.push(`${type} ${board.body(type) === undefined ? 'over' : 'is'}`);
  const board = new AlarmBoard({ db, clock, logger, checks: () => now.checks, onChange });
  const take = (): string[] => said.splice(0);
  return { board, now, clock, logger, take };
}

test('board tells of an alarm once when it is raised, and once when it is over', async () => {
  await using folder = new StateFolder();
  const { board, now, clock, take, logger } = bench(await folder.open());
  using _ = board;
  board.begin(false);
  now.checks = [LOST];
  await clock.advance(20_000);
  assert.deepEqual(take(), ['camera_lost is']);
  assert.deepEqual(board.body('camera_lost'), {
    ...{ type: 'camera_lost', status: 'fail', since: '2023-11-14T22:30:05.000Z' },
    checks: [{ id: 'camera.front', code: 'camera_lost', hint: 'Plug it in' }],
  });
  now.checks = [];
  await clock.advance(20_000);
  assert.deepEqual(take(), ['camera_lost over']);
  assert.deepEqual(logger.events, ['alarm_raised', 'alarm_cleared']);
});

test('board tells of an alarm again when it concerns more, and not when only the words change', async () => {
  const { board, now, clock, take } = bench(undefined);
  using _ = board;
  now.checks = [FULL];
  board.begin(false);
  take();
  now.checks = [{ ...FULL, hint: '11 MB are free' }];
  await clock.advance(5000);
  assert.deepEqual(take(), []);
  now.checks = [FULL, { ...FULL, id: 'retention', code: 'retention_full' }];
  await clock.advance(5000);
  assert.deepEqual(take(), ['disk_full is']);
});

test('board clears what an earlier run raised, and knows since when it is if it still is', async () => {
  await using folder = new StateFolder();
  const clock = new FakeClock();
  {
    await using db = await folder.open();
    const { board, now } = bench(db, clock);
    using _ = board;
    now.checks = [LOST, FULL];
    board.begin(false);
  }
  await clock.advance(3_600_000);
  {
    await using db = await folder.open();
    const { board, now, take } = bench(db, clock);
    using _ = board;
    now.checks = [FULL];
    board.begin(false);
    assert.deepEqual(take().toSorted(), ['camera_lost over', 'disk_full is']);
    assert.equal((board.body('disk_full') as { since: string }).since, '2023-11-14T22:30:00.000Z');
    assert.deepEqual(board.types.toSorted(), ['camera_lost', 'disk_full']);
  } // the broker was away: nothing was delivered
  {
    await using db = await folder.open();
    const { board, now } = bench(db, clock);
    using _ = board;
    now.checks = [FULL];
    board.begin(false);
    board.delivered('camera_lost', undefined);
    assert.deepEqual(board.types, ['disk_full']);
  }
  await using db = await folder.open();
  const { board } = bench(db, clock);
  using _ = board;
  board.begin(false);
  assert.deepEqual(board.types, ['disk_full']);
});

test('board keeps an alarm that is raised again before the broker had that it was over', () => {
  const { board, now } = bench(undefined);
  using _ = board;
  board.begin(false);
  now.checks = [LOST];
  board.look();
  board.delivered('camera_lost', undefined);
  assert.ok(board.types.includes('camera_lost'));
});

test('board clears every type when nothing is known of earlier runs', async () => {
  await using folder = new StateFolder();
  for (const db of [undefined, await folder.open()]) {
    const { board, take } = bench(db);
    using _ = board;
    board.begin(true);
    assert.deepEqual(
      take(),
      ALARM_TYPES.map((type) => `${type} over`),
    );
  }
});
