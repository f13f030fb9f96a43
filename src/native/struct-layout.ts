import { CamboxError } from '../base/errors.ts';
import type { koffi } from './koffi.ts';

/**
 * A kernel struct as our code reads and writes it in raw buffers: plain numbers, as marshalling objects costs
 * microseconds a call.
 */
export interface StructLayout {
  /** As in C: "struct v4l2_buffer". */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Offset by C member path, as in offsetof(): "timestamp.tv_sec". */
  readonly at: Readonly<Record<string, number>>;
}

type CType = ReturnType<typeof koffi.struct>;

type Member = { readonly type: CType; readonly offset: number };

/** A member by name; members of an anonymous union (declared as `_…`) count as the struct's own, as they do in C. */
function findMember(type: CType, name: string): Member | undefined {
  const members = type.members ?? {};
  if (members[name] !== undefined) return members[name];
  for (const anonymous of Object.values(members).filter((member) => member.name.startsWith('_'))) {
    const inner = findMember(anonymous.type, name);
    if (inner !== undefined) return { type: inner.type, offset: anonymous.offset + inner.offset };
  }
  return undefined;
}

/** Offset of a member path in a declared type, or undefined when there is no such member. */
function offsetOf(declared: CType, path: string): number | undefined {
  let type = declared;
  let offset = 0;
  for (const name of path.split('.')) {
    const member = findMember(type, name);
    if (member === undefined) return undefined;
    offset += member.offset;
    type = member.type;
  }
  return offset;
}

/** How a table differs from what this machine's C layout rules make of the declaration, in words; empty when not. */
export function layoutDifferences(layout: StructLayout, declared: CType): string[] {
  const differences: string[] = [];
  if (declared.size !== layout.size) differences.push(`size is ${declared.size}, not ${layout.size}`);
  for (const [path, expected] of Object.entries(layout.at)) {
    const actual = offsetOf(declared, path);
    if (actual !== expected) differences.push(`${path} is at ${actual}, not ${expected}`);
  }
  return differences;
}

/**
 * Check a table of numbers against the C declaration on this machine. Throws `unsupported` where they differ: on a
 * CPU whose rules are others, writing by these numbers would corrupt memory.
 */
export function assertLayout(layout: StructLayout, declared: CType): void {
  const differences = layoutDifferences(layout, declared);
  if (differences.length === 0) return;
  throw new CamboxError('unsupported', {
    verb: 'use',
    thing: layout.name,
    reason: `its layout differs on this machine (${process.arch}): ${differences.join(', ')}`,
    remedy: 'Supported are Linux on x64 and arm64',
  });
}
