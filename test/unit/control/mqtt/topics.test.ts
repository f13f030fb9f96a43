import assert from 'node:assert/strict';
import { test } from 'node:test';
import { topicsOf } from '../../../../src/control/mqtt/topics.ts';

const topics = topicsOf('box-a');

test('command topic gives name and id', () => {
  assert.deepEqual(topics.parseCommand('cambox/v1/box-a/cmd/clip.start/01J-x_Y:z.9'), {
    name: 'clip.start',
    id: '01J-x_Y:z.9',
  });
});

for (const topic of [
  'cambox/v1/box-b/cmd/ping/1',
  'cambox/v1/box-a/cmd/ping',
  'cambox/v1/box-a/cmd/ping/1/2',
  'cambox/v1/box-a/cmd/ping/',
  'cambox/v1/box-a/cmd//1',
  'cambox/v1/box-a/cmd/PING/1',
  `cambox/v1/box-a/cmd/ping/${'x'.repeat(65)}`,
  'cambox/v1/box-a/cmd/ping/a b',
]) {
  test(`${JSON.stringify(topic.slice(0, 40))} is no command topic of this box`, () =>
    assert.equal(topics.parseCommand(topic), undefined));
}

test('response topic of a requester is used only below the own res/', () => {
  const own = 'cambox/v1/box-a/res/console/7';
  assert.equal(topics.allowedResponse(own), own);
  for (const foreign of [undefined, 'cambox/v1/box-b/res/x', 'cambox/v1/box-a/status', `${own}/+`, `${own}/#`]) {
    assert.equal(topics.allowedResponse(foreign), undefined);
  }
});
