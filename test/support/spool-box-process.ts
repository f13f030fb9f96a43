/**
 * A fake box with a state.db, in a process of its own, for tests that kill it: `node spool-box-process.ts URL STATE_DB`. Says `online` when it is
 * connected. On a line `publish N` on stdin it publishes N events, and says `stored M` as often as the disk has confirmed the first M.
 * Says `empty` when nothing waits any more.
 */
import { createInterface } from 'node:readline';
import { ControlState } from '../../src/app/fleet/control-state.ts';
import { SYSTEM_CLOCK } from '../../src/base/clock.ts';
import { SILENT } from '../../src/base/logger.ts';
import { StateStore } from '../../src/catalog/state/state-store.ts';
import { openMqttBox } from './mqtt-box.ts';
import { until } from './until.ts';

const CHUNK = 50;

const [url, path] = process.argv.slice(2);
if (url === undefined || path === undefined) throw new Error('usage: spool-box-process.ts URL STATE_DB');
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const db = await StateStore.open(path, { clock: SYSTEM_CLOCK, logger: SILENT });
const state = new ControlState(db, { clock: SYSTEM_CLOCK, logger: SILENT });
await state.begin(state.interrupted());
const { journal, spool, session } = state;
const { door } = openMqttBox(url, { journal, spool, session });
await until('connected', () => door.state.connected);
say('online');
createInterface({ input: process.stdin }).on('line', (line) => {
  const [verb, count] = line.split(' ');
  if (verb === 'publish') void publish(Number(count));
});
await until('nothing waits', () => door.spool.depth === 0, 60_000);
say('empty');

async function publish(count: number): Promise<void> {
  for (let n = 1; n <= count; n++) {
    door.publishEvent('tick', { n });
    if (n % CHUNK === 0 && (await door.store())) say(`stored ${n}`);
  }
}
