import type { ReplyAddress } from './command-journal.ts';
import type { CommandResponse } from './response.ts';

/** Which way requests come. */
export type Door = 'mqtt' | 'socket';

/** Where the answers to one request go: implemented by the doors. `respond` never throws. */
export interface Requester {
  readonly door: Door;
  /** Left out when nobody can be told any more after a restart of the service. */
  readonly replyTo?: ReplyAddress;
  respond(response: CommandResponse): void;
  /** See CommandContext.deliverJpeg. */
  deliverJpeg(camera: string, jpeg: Uint8Array): void;
}
