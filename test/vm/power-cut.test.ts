import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SILENT } from '../../src/base/logger.ts';
import type { ClipRecord, ClipSummary } from '../../src/catalog/clips/clip-record.ts';
import { ClipArchive } from '../../src/record/archive/clip-archive.ts';
import { Reconciliation } from '../../src/record/archive/reconcile.ts';
import { decodedFrames } from '../support/recorder-rig.ts';
import { Card } from './card.ts';
import { buildBundle, CLIPS, InstalledDaemon } from './installed-daemon.ts';
import { stagesOf } from './stages.ts';
import { Vm } from './vm.ts';

/** Looked at on the host, as the VM goes on after. */
const CUTS = 20;
/** The VM itself starts with what is left. One more takes most of a minute: `CAMBOX_VM_KILLS=20` for the whole table. */
const KILLS = Number(process.env['CAMBOX_VM_KILLS'] ?? 1);
const WHOLE_TEST_MS = (8 + 2 * KILLS) * 60_000;
/** Between cuts, longer each time by a part of a clip's length, up to a limit, so that they fall everywhere into it. */
const LEAST_WAIT_MS = 1000;
const WAIT_STEP_MS = 270;
const MOST_MORE_MS = 2000;
/** Of the cuts, so many fall into a clip at the least: two of three do. */
const LEAST_INTO_CLIPS = 5;
const MOST_LOST_MS = 2000;
/** A guest that stands still is late with each of: taking a frame, storing it, bringing it to the disk. */
const STALLS = 3;
const FPS = 10;

const waitMs = (n: number): number => LEAST_WAIT_MS + ((n * WAIT_STEP_MS) % MOST_MORE_MS);

/** What the guest knew when the power was cut. */
interface Promises {
  readonly added: ReadonlySet<string>;
  /** Deletions that were begun, and those that were confirmed. */
  readonly deleting: ReadonlySet<string>;
  readonly deleted: ReadonlySet<string>;
  readonly nowMs: number;
  /** How long the guest had stood still shortly before. */
  readonly stalledMs: number;
}

/**
 * The card at the moment of a power cut: the VM is stopped dead, and what its disk holds then is copied and looked at, as
 * a machine would that starts with it; then the VM is killed, and boots again with that card.
 */
test('power cuts while a VM records on a card lose nothing that was confirmed', {
  timeout: WHOLE_TEST_MS,
}, async (t) => {
  const setUp = stagesOf(t);
  const folder = await mkdtemp(join(tmpdir(), 'cambox-power-'));
  t.after(() => rm(folder, { recursive: true }));
  await setUp('the release bundle is built', buildBundle);
  const card = await Card.make(join(folder, 'card'));
  let [cuts, intoClips] = [0, 0];
  /** What is on the card now, with nobody at it. */
  const look = async (vm: Vm): Promise<() => Promise<void>> => {
    cuts += 1;
    const n = cuts;
    const [cut, promises] = [await card.copy(join(folder, `card-${n}`)), await readPromises(vm)];
    return async () => {
      if (await lookAt(cut, promises, join(folder, `cut-${n}`), n)) intoClips += 1;
    };
  };
  /** Kills the VM so long after it began to record, and looks at the card. */
  const kill = async (vm: Vm, afterMs: number): Promise<void> => {
    await sleep(afterMs);
    await vm.kill();
    await (await look(vm))();
  };
  {
    await using vm = await setUp('the VM boots', () => Vm.boot({ disk: card.path }));
    const stage = stagesOf(t, () => journal(vm));
    await stage('the service records on the card', async () => {
      await startService(vm);
      await recordOn(vm);
    });
    await stage(`the power is cut ${CUTS} times`, async () => {
      process.stderr.write('vm: cut  clips  state      plays   lost s  told s  stalled s\n');
      while (cuts < CUTS) {
        await sleep(waitMs(cuts));
        await (await vm.whileFrozen(() => look(vm)))();
      }
      assert.ok(intoClips >= LEAST_INTO_CLIPS, `${intoClips} of ${cuts} fell into a clip`);
    });
    await stage('it still records, and is killed', async () => {
      await vm.sh('rm /share/confirmed; pgrep -f record-on.ts');
      await vm.until('another clip is there', 'grep added /share/confirmed', 60);
      await kill(vm, LEAST_WAIT_MS);
    });
  }
  for (let n = 1; n <= KILLS; n++) {
    await using vm = await setUp(`boot ${n} after a kill`, () => Vm.boot({ disk: card.path }));
    const stage = stagesOf(t, () => journal(vm));
    await stage(`the service finds what was on the card (${n})`, async () => {
      await startService(vm);
      await assertAllPlays(vm);
    });
    if (n === KILLS) break;
    await stage(`it records, and is killed (${n})`, async () => {
      await recordOn(vm);
      await kill(vm, waitMs(n));
    });
  }
});

async function startService(vm: Vm): Promise<void> {
  const daemon = new InstalledDaemon(vm);
  const cameras = [{ id: 'front', source: 'synthetic:320x240', fps: FPS, pre_roll_s: 1 }];
  await daemon.install();
  await vm.sh(`modprobe ext4; mount /dev/vdb ${CLIPS} && chown cambox: ${CLIPS}`);
  await daemon.configureCameras(cameras, '', { retention: { least_free_mb: 4 } }); // the card has 96
  await daemon.start();
}

/** Begins to record clip after clip; the first is there when this resolves. */
async function recordOn(vm: Vm): Promise<void> {
  await vm.sh(`cd /checkout && (/usr/lib/cambox/node test/vm/guest/record-on.ts >/tmp/record-on.log 2>&1 &)`);
  await vm.until('the first clip is there', 'grep added /share/confirmed || { cat /tmp/record-on.log; false; }', 90);
}

/** The catalogue has clips, whole or recovered, and the guest's own ffmpeg decodes them. */
async function assertAllPlays(vm: Vm): Promise<void> {
  await vm.until('the catalogue is ready', 'journalctl -u cambox | grep -F catalog_ready', 60);
  const { clips } = JSON.parse(await vm.sh('cambox clips ls --json')) as { clips: ClipSummary[] };
  assert.ok(clips.length >= 2, 'clips from before');
  const odd = clips.filter(({ state }) => state !== 'ready' && state !== 'recovered');
  assert.deepEqual(odd, []);
  for (const { clip } of clips) await vm.sh(`ffmpeg -nostdin -v error -xerror -i ${CLIPS}/${clip}.mp4 -f null -`);
}

const journal = async (vm: Vm): Promise<string> =>
  (await vm.run('journalctl --no-pager --lines=40 --unit=cambox; cat /tmp/record-on.log')).output;

async function readPromises(vm: Vm): Promise<Promises> {
  const text = await readFile(join(vm.share, 'confirmed'), 'utf8');
  const those = (what: string): Set<string> =>
    new Set([...text.matchAll(new RegExp(`^${what} (.+)\n`, 'gm'))].map(([, clip]) => clip!));
  const [nowMs = 0, stalledMs = 0] = (await readFile(join(vm.share, 'now'), 'utf8')).split(' ').map(Number);
  return { added: those('added'), deleting: those('deleting'), deleted: those('deleted'), nowMs, stalledMs };
}

/** What a start finds on a card whose power was cut; resolves to whether a clip was under way. */
async function lookAt(cut: Card, promises: Promises, dir: string, n: number): Promise<boolean> {
  const { added, deleting, deleted, nowMs } = promises;
  await cut.unpack(dir);
  await using archive = await ClipArchive.open({ dir, logger: SILENT, nowMs });
  assert.equal(archive.rebuilt, false, 'the catalogue is whole');
  const known = new Set(archive.files().map(({ clip }) => clip));
  const reconciliation = await Reconciliation.plan(archive, {
    ...{ ffprobe: 'ffprobe', bootId: 'the next', logger: SILENT, signal: new AbortController().signal },
    isRecording: () => false,
  });
  await reconciliation.run();
  const { failed, missing } = reconciliation.progress;
  assert.deepEqual([failed, missing], [0, 0]);
  const clips = archive.find({ limit: 100 }).clips.map(({ clip }) => archive.get(clip));
  for (const { file, frames } of clips) assert.equal(decodedFrames(join(dir, file)), frames, file);
  const there = new Map(clips.map((record) => [record.clip, record]));
  for (const clip of added) if (!deleting.has(clip)) assert.equal(there.get(clip)?.state, 'ready', clip);
  for (const clip of deleted) assert.equal(there.has(clip), false, clip);
  const cutShort = clips.find(({ clip, state }) => state === 'recovered' && !known.has(clip));
  tellOf(clips, cutShort, promises, n);
  await rm(dir, { recursive: true });
  await rm(cut.path);
  return cutShort !== undefined;
}

/** A line of the table; the clip that was being recorded lost little, and its entry says how much at most. */
function tellOf(
  clips: readonly ClipRecord[],
  cutShort: ClipRecord | undefined,
  { nowMs, stalledMs }: Promises,
  n: number,
): void {
  const count = `${String(n).padStart(3)}  ${String(clips.length).padStart(5)}`;
  if (cutShort === undefined) {
    process.stderr.write(`vm: ${count}  none under way\n`);
    return;
  }
  const lostMs = nowMs - Date.parse(cutShort.started_at) - cutShort.duration_ms;
  const told = cutShort.lost_at_most_ms!;
  const seconds = (ms: number): string => (ms / 1000).toFixed(2).padStart(7);
  const length = `${(cutShort.duration_ms / 1000).toFixed(1)} s`;
  process.stderr.write(
    `vm: ${count}  recovered  ${length}  ${seconds(lostMs)}  ${seconds(told)}  ${seconds(stalledMs)}\n`,
  );
  const more = `and the guest stood still for ${stalledMs}`;
  assert.ok(lostMs <= told + STALLS * stalledMs, `lost ${lostMs} ms, told ${told}, ${more}`);
  assert.ok(lostMs <= MOST_LOST_MS + STALLS * stalledMs, `lost ${lostMs} ms, ${more}`);
}
