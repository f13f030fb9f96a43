import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClipDetails } from '../../../src/catalog/clips/trigger-record.ts';
import type { TriggerPage } from '../../../src/catalog/clips/trigger-table.ts';
import { requestOverSocket } from '../../../src/control/socket/request-over-socket.ts';
import { DaemonRig } from '../../support/daemon-rig.ts';

const gate = { label: 'gate', class: 'alarm' };

test('a clip tells who started it and who made it longer, and those who were refused are known, also after a restart', async () => {
  await using rig = new DaemonRig();
  await rig.start().line('camera_streaming');
  const { promise: underWay, resolve: isUnderWay } = Promise.withResolvers<unknown>();
  const ask = (args: object) =>
    requestOverSocket(
      rig.socket,
      'clip.start',
      { camera: 'front', pre_s: 0, ...gate, ...args },
      {
        onProgress: ({ status }) => {
          if (status === 'in_progress') isUnderWay(undefined);
        },
      },
    );
  const list = async (args: object = {}) =>
    ((await requestOverSocket(rig.socket, 'trigger.list', args)).result as TriggerPage).triggers;
  const started = ask({ duration_s: 2 });
  await underWay;
  const [{ result }] = await Promise.all([started, ask({ duration_s: 1, extend: true })]);
  await requestOverSocket(rig.socket, 'clip.start', { camera: 'rear', pre_s: 1 });
  const { clip } = result as { clip: string };
  await rig.stop();
  await rig.start().line('catalog_ready');
  const { result: details } = await requestOverSocket(rig.socket, 'clip.get', { clip });
  assert.deepEqual(
    (details as ClipDetails).triggers.map(({ outcome, door, label, class: ofClass, duration_asked_ms }) => [
      ...[outcome, door, label, ofClass, duration_asked_ms],
    ]),
    [
      ['started', 'socket', 'gate', 'alarm', 2000],
      ['extended', 'socket', 'gate', 'alarm', 1000],
    ],
  );
  const [refused] = await list({ outcome: 'refused' });
  assert.deepEqual([refused?.camera, refused?.code, refused?.pre_asked_ms], ['rear', 'not_found', 1000]);
  const shown = await rig.ask('clips', 'show', clip);
  assert.match(shown.stdout.toString(), /trigger +\S+ extended over socket, request \S+, 0 ms before it/);
  const triggers = await rig.ask('clips', 'triggers', '--outcome', 'refused');
  assert.match(triggers.stdout.toString(), /refused +rear +socket +.*has only: front/);
  const elsewhere = await rig.ask('clips', 'triggers', '--dir', rig.clipsDir, '--outcome', 'started', '--json');
  assert.equal((JSON.parse(elsewhere.stdout.toString()) as TriggerPage).triggers[0]?.clip, clip);
  await requestOverSocket(rig.socket, 'clip.delete', { clip });
  assert.deepEqual(
    (await list()).map(({ outcome }) => outcome),
    ['refused'],
  );
});
