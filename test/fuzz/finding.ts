import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Something that must not be. */
export interface Finding {
  readonly target: string;
  readonly seed: number;
  /** Of the input within its target's run. */
  readonly index: number;
  readonly problem: string;
  /** Undefined when it is not one input's fault alone: then the whole run up to it has to be made again. */
  readonly input: Uint8Array | undefined;
}

/** The command that shows just this finding again. Writes the input into `folder` first. */
export function replayCommand({ target, seed, index, input }: Finding, folder: string): string {
  const command = `npm run fuzz -- --target ${target}`;
  if (input === undefined) return `${command} --seed ${seed} --inputs ${index + 1}`;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${target}-${seed}-${index}.bin`);
  writeFileSync(path, input);
  return `${command} --file ${path}`;
}
