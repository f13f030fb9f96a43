import { connect } from 'node:net';
import type { Clock } from '../../base/clock.ts';

export interface UsbResetOptions {
  /** The USB device as the kernel names it: "1-1.4". */
  readonly device: string;
  /** Where deploy/systemd/cambox-usb-reset.socket listens. */
  readonly socket: string;
  readonly clock: Clock;
}

/** The unit stops itself after 15 s. */
const ANSWER_MS = 17_000;
const MAX_ANSWER = 200;

/**
 * Have a USB device taken off its bus and put back (deploy/bin/cambox-usb-reset). Returns undefined when it is back, else
 * why that was not done. Never throws.
 */
export function resetUsbDevice({ device, socket: path, clock }: UsbResetOptions): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(path, () => socket.end(device));
    const cancel = clock.after(ANSWER_MS, () => finish(`cambox-usb-reset has not answered for ${ANSWER_MS / 1000} s`));
    const finish = (refusal: string | undefined): void => {
      cancel();
      socket.destroy();
      resolve(refusal);
    };
    socket.setEncoding('utf8');
    socket.on('data', (text) => {
      answer = (answer + String(text)).slice(0, MAX_ANSWER);
    });
    socket.on('end', () =>
      finish(answer === 'ok\n' ? undefined : `cambox-usb-reset says: ${answer.trim() || 'nothing'}`),
    );
    socket.on('error', (error: NodeJS.ErrnoException) => finish(explain(error, path)));
  });
}

function explain({ code, message }: NodeJS.ErrnoException, path: string): string {
  switch (code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return `nobody listens at ${path}: systemctl enable --now cambox-usb-reset.socket`;
    case 'EACCES':
      return `this user may not write to ${path}: cambox-usb-reset.socket lets only the user cambox`;
    default:
      return `${path} fails: ${message}`;
  }
}
