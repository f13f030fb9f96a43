import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { KeptSessionFile } from '../../../src/stream/kept-session-file.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { LogCollector } from '../../support/log-collector.ts';
import { until } from '../../support/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'kept-session-file-'));
after(() => rmSync(folder, { recursive: true }));

function setUp(path: string) {
  const clock = new FakeClock();
  const logger = new LogCollector();
  const stream = { isSecret: false, sdpVersion: 1, described: 0, sdp: () => `version ${++stream.described}` };
  const file = new KeptSessionFile(path, stream, { clock, logger });
  return { clock, logger, stream, file };
}

const content = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

test('a session file that cannot be written is tried again now and then, and the trouble is told once', async () => {
  const path = join(folder, 'late', 'front.sdp');
  const { clock, logger, stream, file } = setUp(path);
  file.follow();
  await until('the trouble is told', () => logger.lines.length > 0);
  for (let i = 0; i < 100; i++) {
    file.follow();
    await new Promise(setImmediate);
  }
  assert.equal(stream.described, 1, 'it is tried with every frame');
  const framesUntil = (what: string, condition: () => boolean): Promise<void> =>
    until(what, () => {
      void clock.advance(1000);
      file.follow();
      return condition();
    });
  await framesUntil('it was tried again', () => stream.described >= 3);
  mkdirSync(join(folder, 'late'));
  await framesUntil('the file is there', () => content(path) !== '');
  assert.match(String(logger.lines[0]?.fields['error']), /ENOENT/);
  assert.equal(logger.lines[0]?.fields['path'], path);
  assert.ok(logger.lines.length < stream.described - 1, 'it is told at every failure');
});

test('a session file is written once for each version of the description, the last one last', async () => {
  const path = join(folder, 'rear.sdp');
  const { stream, file } = setUp(path);
  file.follow();
  stream.sdpVersion = 2;
  await until('the second version is written', () => {
    file.follow();
    return content(path) === 'version 2';
  });
  for (let i = 0; i < 10; i++) file.follow();
  assert.equal(stream.described, 2);
});
