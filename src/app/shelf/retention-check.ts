import type { Check } from '../../health/checks.ts';
import type { RetentionLevel } from '../../record/archive/retention-keeper.ts';

/** The verdict on the disk of the clips. */
export function retentionCheck(level: RetentionLevel): Check {
  const id = 'retention';
  switch (level) {
    case 'ok':
      return { id, status: 'ok' };
    case 'low':
      return {
        id,
        status: 'warn',
        code: 'retention_low',
        hint: 'Little room is left, and no clip may be deleted: see protected clips',
      };
    case 'full':
      return {
        id,
        status: 'fail',
        code: 'retention_full',
        hint: 'Nothing is recorded: take protection from clips, or remove other files',
      };
    case 'read_only':
      return {
        id,
        status: 'fail',
        code: 'retention_read_only',
        hint: 'Remount the disk: nothing is recorded or deleted',
      };
    case 'unknown':
      return {
        id,
        status: 'fail',
        code: 'retention_unknown',
        hint: 'The disk does not tell what is free: look at dmesg',
      };
  }
}
