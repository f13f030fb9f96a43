import type { TestContext } from 'node:test';

/** Runs one stage as a subtest, with a line on how long it took, and returns what the stage returns. */
export type RunStage = <T>(name: string, body: () => Promise<T>) => Promise<T>;

/**
 * Stages of one long test, each built on those before it: the first that fails ends the test, as the rest would only
 * wait in vain.
 *
 * @param explain what to print when a stage fails, such as a log
 */
export function stagesOf(test: TestContext, explain?: () => Promise<string>): RunStage {
  return async (name, body) => {
    const started = performance.now();
    let result: ReturnType<typeof body> | undefined;
    await test.test(name, async () => {
      result = body();
      await result;
    });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stderr.write(`vm: ${seconds.padStart(5)} s  ${name}\n`);
    try {
      if (result === undefined) throw new Error(`did not run: ${name}`);
      return await result;
    } catch (failure) {
      if (explain !== undefined) process.stderr.write(`${await explain().catch(String)}\n`);
      // The subtest has reported it; this keeps the stages after it from running.
      throw failure;
    }
  };
}
