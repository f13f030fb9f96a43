/**
 * Sends argv[2] requests at once to an executor whose commands are jobs with a real child each, repeats what is refused
 * when it was told to, and prints one JSON line about the answers and the memory.
 */
import * as z from 'zod/mini';
import { SYSTEM_CLOCK } from '../../src/base/clock.ts';
import { SILENT } from '../../src/base/logger.ts';
import { defineCommand } from '../../src/control/command.ts';
import { CommandExecutor } from '../../src/control/executor.ts';
import { type CommandResponse, isFinal } from '../../src/control/response.ts';
import { runAsJob } from '../../src/control/run-as-job.ts';
import { JobQueue } from '../../src/jobs/job-queue.ts';
import { LearnedCosts } from '../../src/jobs/learned-costs.ts';
import { GOOD_CONDITIONS } from '../../src/jobs/scheduler.ts';
import { QUEUED_KINDS } from '../../src/jobs/workload.ts';
import { Child } from '../../src/record/child/child.ts';
import { PolledCaps } from '../../src/record/memory/polled-caps.ts';
import { FakeBox } from './fake-box.ts';
import { budgetOf, COPY_720 } from './jobs.ts';
import { request } from './recording-requester.ts';

const REQUESTS = Number(process.argv[2]);
const clock = SYSTEM_CLOCK;
const caps = new PolledCaps(clock);
const deps = { clock, costs: new LearnedCosts(), logger: SILENT, conditions: () => GOOD_CONDITIONS };
await using queue = new JobQueue(budgetOf({ queueLength: 256 }), deps);

const work = defineCommand({
  name: 'work',
  summary: '',
  acts: true,
  atOnce: 'queued',
  timeoutMs: undefined,
  args: z.strictObject({ number: z.number() }),
  result: z.strictObject({ number: z.number(), code: z.number() }),
  run: ({ number }, context) =>
    runAsJob(
      {
        workload: { kind: QUEUED_KINDS[number % QUEUED_KINDS.length]!, ...COPY_720 },
        title: `work ${number}`,
        key: `work ${number}`,
        deadlineMs: undefined,
        async run({ capBytes }) {
          const place = await caps.place({ memoryBytes: capBytes, cpuWeight: 50 });
          const child = await Child.spawn('true', [], clock, { place, withoutInput: true });
          const { code } = await child.exited;
          return { number, code: code ?? -1 };
        },
      },
      context,
    ),
});

class Box extends FakeBox {
  override get jobs(): JobQueue {
    return queue;
  }
}

const executor = new CommandExecutor([work], new Box(), { clock, logger: SILENT });
let peak = 0;
const rss = (): number => process.memoryUsage.rss();
const counts = { answers: 0, busy: 0, results: new Set<number>(), finals: 0 };
const done = Promise.withResolvers<void>();

function send(number: number, attempt: number): void {
  const id = `r-${number}-${attempt}`;
  const answered = (response: CommandResponse): void => {
    counts.answers += 1;
    peak = Math.max(peak, rss());
    if (!isFinal(response.status)) return;
    counts.finals += 1;
    if (response.status === 'succeeded') counts.results.add((response.result as { number: number }).number);
    if (response.error?.code === 'busy') {
      counts.busy += 1;
      clock.after(response.error.retry_after_ms ?? 0, () => send(number, attempt + 1));
    }
    if (counts.results.size === REQUESTS) done.resolve();
  };
  executor.submit(request('work', { number }, { id }), {
    door: 'socket',
    respond: answered,
    deliverJpeg: () => undefined,
  });
}

send(0, 0);
await clock.sleep(200); // everything has been used once
const before = rss();
peak = before;
const began = clock.now();
for (let number = 1; number < REQUESTS; number++) send(number, 0);
const sentMs = Math.round((clock.now() - began) / 1000);
await done.promise;
await clock.sleep(100); // a second answer to anybody would come now
const { answers, busy, finals, results } = counts;
const tookMs = Math.round((clock.now() - began) / 1000);
const grewMb = Math.round((peak - before) / 2 ** 20);
process.stdout.write(
  `${JSON.stringify({ done: results.size, finals, busy, answers, sentMs, tookMs, grewMb, report: queue.report() })}\n`,
);
