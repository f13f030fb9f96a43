import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { type ReceiverJob, type RtpReceiver, startReceiver } from '../support/rtp-receivers.ts';

/** `cambox receive` of this checkout, into a folder whose pictures are joined to the one file that is looked at. */
export async function camboxReceiver({ sdp, port, out }: ReceiverJob): Promise<RtpReceiver> {
  const folder = `${out}.d`;
  const args = ['src/main.ts', 'receive', '--sdp', sdp, '--out', folder, '--json'];
  const receiver = await startReceiver(process.execPath, args, port);
  const join = (): void => {
    const pictures = globSync(`${folder}/*.jpg`).sort();
    writeFileSync(out, Buffer.concat(pictures.map((path) => readFileSync(path))));
  };
  return {
    done: receiver.done.then(join),
    async [Symbol.asyncDispose]() {
      await receiver[Symbol.asyncDispose]();
      join();
    },
  };
}
