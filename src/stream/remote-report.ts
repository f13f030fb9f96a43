import type { RemoteQuality } from './remote-receivers.ts';

/** How a stream arrives, with the keys of reports and of `--json`; null is what no receiver has told. */
export interface RemoteReport {
  readonly remote_receivers: number;
  readonly remote_loss_pct: number | null;
  readonly remote_lost_packets: number | null;
  readonly remote_jitter_ms: number | null;
  readonly rtt_ms: number | null;
}

export const remoteReport = (quality: RemoteQuality | undefined): RemoteReport => ({
  remote_receivers: quality?.receivers ?? 0,
  remote_loss_pct: rounded(quality?.lossPct),
  remote_lost_packets: quality?.lostPackets ?? null,
  remote_jitter_ms: rounded(quality?.jitterMs),
  rtt_ms: rounded(quality?.rttMs),
});

const rounded = (value: number | undefined): number | null => (value === undefined ? null : Number(value.toFixed(2)));
