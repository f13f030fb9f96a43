import type { Incoming } from '../../src/control/admission.ts';
import type { Requester } from '../../src/control/requester.ts';
import type { CommandResponse } from '../../src/control/response.ts';

/** Keeps what an executor answers. */
export class RecordingRequester implements Requester {
  readonly door = 'mqtt';
  readonly responses: CommandResponse[] = [];
  readonly pictures: { readonly camera: string; readonly bytes: number }[] = [];

  respond = (response: CommandResponse): void => {
    this.responses.push(response);
  };

  deliverJpeg = (camera: string, jpeg: Uint8Array): void => {
    this.pictures.push({ camera, bytes: jpeg.length });
  };

  get statuses(): string[] {
    return this.responses.map(({ status }) => status);
  }

  get last(): CommandResponse {
    return this.responses.at(-1)!;
  }
}

/** A request as it comes over a live connection. */
export const request = (name: string, args: unknown, parts: Partial<Incoming> = {}): Incoming => ({
  id: 'id-1',
  name,
  payload: Buffer.from(JSON.stringify({ args })),
  retained: false,
  live: true,
  expiresInS: undefined,
  ...parts,
});
