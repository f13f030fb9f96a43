/**
 * Has the daemon record clip after clip, and delete some, until the power goes. Tells the host through files in /share
 * what was confirmed (`confirmed`: `added CLIP`, `deleting CLIP`, `deleted CLIP`), and the guest's time with how late a
 * timer came at worst in the last seconds (`now`): an emulated guest on a busy machine stands still at times.
 */
import { appendFileSync, openSync, writeSync } from 'node:fs';
import { requestOverSocket } from '../../../src/control/socket/request-over-socket.ts';

const SOCKET = '/run/cambox/control.sock';
const CLIP_S = 5;
/** More are there only for as long as it takes to delete the oldest. */
const KEPT = 4;
const TELL_TIME_MS = 20;
const REMEMBERED = 150;

/** What is there from before, too. */
const { result: before } = await requestOverSocket(SOCKET, 'clip.list', {});
const kept = (before as { clips: { clip: string }[] }).clips.map(({ clip }) => clip).toReversed();
const tell = (line: string): void => appendFileSync('/share/confirmed', `${line}\n`);

const time = openSync('/share/now', 'w');
let lastMs = Date.now();
const late: number[] = [];
setInterval(() => {
  const now = Date.now();
  late.push(now - lastMs - TELL_TIME_MS);
  if (late.length > REMEMBERED) late.shift();
  lastMs = now;
  // in place: the host may look at any moment
  writeSync(time, `${now} ${Math.max(0, ...late)}`.padEnd(30), 0);
}, TELL_TIME_MS);
for (let n = 1; ; n++) {
  const args = { camera: 'front', pre_s: 0.5, duration_s: CLIP_S, label: `number ${n}` };
  const { status, result, error } = await requestOverSocket(SOCKET, 'clip.start', args);
  if (status !== 'succeeded') throw new Error(`clip.start ${status}: ${error?.message}`);
  const { clip } = result as { clip: string };
  tell(`added ${clip}`);
  kept.push(clip);
  while (kept.length > KEPT) {
    const oldest = kept.shift()!;
    tell(`deleting ${oldest}`);
    await requestOverSocket(SOCKET, 'clip.delete', { clip: oldest });
    tell(`deleted ${oldest}`);
  }
}
