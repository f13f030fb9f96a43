import type { Check } from '../../health/checks.ts';
import type { RetentionKeeper, RetentionLevel } from '../../record/archive/retention-keeper.ts';

const ID = 'retention';
const OK: Check = { id: ID, status: 'ok' };

const OF_LEVEL: Readonly<Record<RetentionLevel, Check>> = {
  ok: OK,
  low: {
    ...{ id: ID, status: 'warn', code: 'retention_low' },
    hint: 'Little room is left, and no clip may be deleted: see protected clips',
  },
  full: {
    ...{ id: ID, status: 'fail', code: 'retention_full' },
    hint: 'Nothing is recorded: take protection from clips, or remove other files',
  },
  read_only: {
    ...{ id: ID, status: 'fail', code: 'retention_read_only' },
    hint: 'Remount the disk: nothing is recorded or deleted',
  },
  unknown: {
    ...{ id: ID, status: 'fail', code: 'retention_unknown' },
    hint: 'The disk does not tell what is free: look at dmesg',
  },
};

const NO_CLOCK: Check = {
  ...{ id: ID, status: 'warn', code: 'retention_clock_unknown' },
  hint: 'Nobody tells whether the clock is right, so no clip goes by age: run chrony or systemd-timesyncd, or set other limits',
};

/** The verdict on the disk of the clips. */
export function retentionCheck({
  level,
  stuck,
  lacksClock,
}: Pick<RetentionKeeper, 'level' | 'stuck' | 'lacksClock'>): Check {
  const check = OF_LEVEL[level];
  const [first] = stuck;
  if (check.status === 'fail') return check;
  if (first === undefined) return check.status === 'ok' && lacksClock ? NO_CLOCK : check;
  const others = stuck.length > 1 ? ` (and ${stuck.length - 1} more)` : '';
  return {
    ...{ id: ID, status: 'warn', code: 'retention_failed' },
    hint: `${first.problem}${others}: others go instead. Check its owner and lsattr, dmesg, and the disk with fsck`,
  };
}
