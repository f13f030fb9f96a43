/** A fake box in a process of its own, for tests that kill it: `node mqtt-box-process.ts URL`. */
import { openMqttBox } from './mqtt-box.ts';

const url = process.argv[2];
if (url === undefined) throw new Error('usage: mqtt-box-process.ts URL');
const box = openMqttBox(url);
await box.settled();
process.stdout.write('online\n');
