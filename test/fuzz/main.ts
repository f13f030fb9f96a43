/**
 * `npm run fuzz -- [--frames 1e6] [--seed N] [--target NAME] [--seconds S]`: mutated pictures, packets and requests through
 * everything that takes them from outside. Prints a line for each target; exits with 1 on any finding.
 */
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { replayCommand } from './finding.ts';
import { runInThread } from './run-in-thread.ts';
import { makeSeeds } from './seeds.ts';
import { tableHead, tableRow } from './table.ts';
import { ACCEPTED, type FuzzTarget } from './target.ts';
import { TARGETS } from './targets.ts';

const USAGE = `Usage: npm run fuzz -- [options]

  --frames N       mutated pictures for each target; those that take long get a share of them (20000)
  --seconds S      at most so long for each target
  --seed N         the same inputs again (without it: others in each run)
  --target NAME    only this one; may be given several times
  --inputs N       of each target exactly so many
  --file PATH      check one input, with --target
  --out FOLDER     where inputs with findings are written (cambox-fuzz in the folder for temporary files)

Targets: ${TARGETS.map(({ name }) => name).join(', ')}
`;

const EXIT_FINDING = 1;
const EXIT_USAGE = 64;

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    target: { type: 'string', multiple: true, default: TARGETS.map(({ name }) => name) },
    inputs: { type: 'string' },
    file: { type: 'string' },
    out: { type: 'string', default: join(tmpdir(), 'cambox-fuzz') },
  },
});
const numbers = [values.frames, values.seconds, values.seed, values.inputs ?? '1'].map(Number);
const targets = TARGETS.filter(({ name }) => values.target.includes(name));
const isUsable =
  numbers.every((value) => value >= 0) &&
  targets.length === new Set(values.target).size &&
  (values.file === undefined || targets.length === 1);

if (!isUsable) {
  process.stderr.write(USAGE);
  process.exitCode = EXIT_USAGE;
} else if (values.file !== undefined) {
  await checkFile(targets[0]!, values.file);
} else {
  await fuzz();
}

async function fuzz(): Promise<void> {
  const [frames = 0, seconds = 0, seed = 0] = numbers;
  print(`seed ${seed}\n${tableHead()}`);
  const seeds = makeSeeds();
  for (const target of targets) {
    const inputs = values.inputs === undefined ? Math.ceil(frames * target.share) : Number(values.inputs);
    const result = await runInThread(target, seeds, { seed, inputs, seconds, budgets: true });
    print(tableRow(result));
    for (const finding of result.findings) {
      print(`FINDING ${finding.target}, seed ${seed}, input ${finding.index}: ${finding.problem}`);
      print(`  ${replayCommand(finding, values.out)}`);
      process.exitCode = EXIT_FINDING;
    }
  }
}

/** One input again, in this thread: a debugger can be attached. */
async function checkFile(target: FuzzTarget, path: string): Promise<void> {
  const input = Uint8Array.from(readFileSync(path));
  const open = target.open(makeSeeds());
  const startedAt = performance.now();
  try {
    const outcome = await open.check(input);
    const isKnown = outcome === ACCEPTED || target.reasons.includes(outcome);
    print(`${outcome}${isKnown ? '' : ' (unknown)'}, ${(performance.now() - startedAt).toFixed(1)} ms`);
    process.exitCode = isKnown ? 0 : EXIT_FINDING;
  } catch (thrown) {
    print(`FINDING ${target.name}: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
    process.exitCode = EXIT_FINDING;
  }
}
