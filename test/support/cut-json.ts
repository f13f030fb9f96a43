import { cambox } from './daemon-rig.ts';

/** What `cambox cut --json` tells of a range. */
export interface CutEntry {
  readonly status: string;
  readonly path: string;
  readonly frames: number;
  readonly cpu_ms: number;
  readonly peak_memory_bytes: number;
  readonly audio: string;
  readonly warnings?: readonly { readonly code: string; readonly says: string }[];
  readonly error?: { readonly code: string; readonly message: string };
}

export async function cutJson(
  ...args: readonly string[]
): Promise<{ code: number; clips: readonly CutEntry[]; stderr: string }> {
  const { code, stdout, stderr } = await cambox('cut', '--json', ...args);
  const clips = stdout.length === 0 ? [] : (JSON.parse(stdout.toString()) as { clips: CutEntry[] }).clips;
  return { code, stderr, clips };
}
