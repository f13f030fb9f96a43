import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Deletable,
  nextToDelete,
  type RetentionRules,
  type RetentionState,
} from '../../src/catalog/clips/retention.ts';

const NOW = 1_000_000_000;
const HOUR_MS = 3_600_000;

interface StoredFile extends Deletable {
  readonly bytes: number;
}

const FILE = fc.record({
  what: fc.constantFrom('clip' as const, 'made' as const),
  class: fc.constantFrom('', 'alarm', 'patrol'),
  camera: fc.constantFrom('front', 'rear'),
  sinceMs: fc.integer({ min: NOW - 10 * HOUR_MS, max: NOW }),
  bytes: fc.integer({ min: 1, max: 100 }),
});
const LIMIT = fc.option(fc.integer({ min: 0, max: 2000 }), { nil: undefined });
const AGE = fc.option(fc.integer({ min: 1, max: 12 * HOUR_MS }), { nil: undefined });

/** A disk of 3000 bytes with these files alone. */
function stateOf(files: readonly StoredFile[], clockSynced: boolean): RetentionState {
  const inOrder = files.toSorted((a, b) => a.sinceMs - b.sinceMs);
  const oldest = (what: Deletable['what']) => (camera?: string) =>
    inOrder.find((file) => file.what === what && (camera === undefined || file.camera === camera));
  const usedByCamera = new Map<string, number>();
  for (const { camera, bytes } of files) usedByCamera.set(camera, (usedByCamera.get(camera) ?? 0) + bytes);
  const usedBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const classes = new Map(inOrder.toReversed().map((file) => [`${file.what} ${file.class}`, file]));
  return {
    ...{ nowMs: NOW, clockSynced, freeBytes: 3000 - usedBytes, neededBytes: 0, usedBytes, usedByCamera },
    ...{ oldestOfClasses: () => [...classes.values()], oldestClip: oldest('clip'), oldestMade: oldest('made') },
  };
}

const isTooOld = (file: StoredFile, { maxAgeMs, classMaxAgeMs }: RetentionRules): boolean =>
  file.sinceMs < NOW - (classMaxAgeMs?.get(file.class) ?? maxAgeMs ?? Number.POSITIVE_INFINITY);

function breaks(files: readonly StoredFile[], rules: RetentionRules): boolean {
  const { usedBytes, usedByCamera, freeBytes } = stateOf(files, true);
  const { maxBytes = Number.POSITIVE_INFINITY, cameraMaxBytes = Number.POSITIVE_INFINITY, leastFreeBytes } = rules;
  return (
    usedBytes > maxBytes || freeBytes! < leastFreeBytes || [...usedByCamera.values()].some((n) => n > cameraMaxBytes)
  );
}

test('retention keeps all limits, deletes nothing that no limit asks for, and what was made before clips', () => {
  const scenario = fc.record({
    files: fc.array(FILE, { maxLength: 40 }),
    clockSynced: fc.boolean(),
    rules: fc.record({
      maxAgeMs: AGE,
      alarmMs: AGE,
      maxBytes: LIMIT,
      cameraMaxBytes: LIMIT,
      leastFreeBytes: fc.nat(3000),
    }),
  });
  fc.assert(
    fc.property(scenario, ({ files, clockSynced, rules: { alarmMs, ...limits } }) => {
      const given = Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined));
      const classMaxAgeMs = alarmMs === undefined ? {} : { classMaxAgeMs: new Map([['alarm', alarmMs]]) };
      const rules: RetentionRules = { leastFreeBytes: limits.leastFreeBytes, ...given, ...classMaxAgeMs };
      let left: readonly StoredFile[] = files.map((file, n) => ({ ...file, name: String(n) }));
      for (;;) {
        const choice = nextToDelete(stateOf(left, clockSynced), rules);
        if (choice === undefined) break;
        const file = left.find(({ name }) => name === choice.file.name)!;
        if (choice.why === 'age') assert.ok(clockSynced && isTooOld(file, rules));
        else {
          assert.ok(breaks(left, rules), choice.why);
          const isFirst = ({ what, camera, sinceMs }: StoredFile): boolean =>
            what === 'made' && sinceMs <= NOW - HOUR_MS && (choice.why !== 'camera_quota' || camera === file.camera);
          if (file.what === 'clip') assert.ok(!left.some(isFirst), 'what was made goes first');
        }
        left = left.filter((other) => other !== file);
      }
      assert.ok(left.length === 0 || !breaks(left, rules));
      if (clockSynced) assert.ok(!left.some((file) => isTooOld(file, rules)));
    }),
    { seed: 11, numRuns: 500 },
  );
});
