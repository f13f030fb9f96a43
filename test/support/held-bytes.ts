import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes that are still held after a garbage collection: of objects, and of buffers outside the heap. */
export function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect(); // buffers are freed behind the objects that had them
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
