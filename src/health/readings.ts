/** What was read from the machine and the process. Absent: this machine does not tell, or it could not be read. */
export interface HostReadings {
  readonly process: ProcessReading;
  readonly memory?: MemoryReading;
  readonly disk?: DiskReading;
  readonly temperature?: TemperatureReading;
  readonly throttling?: ThrottlingReading;
  readonly clockSynced?: boolean;
}

export interface ProcessReading {
  readonly rssBytes: number;
  /** Of one core, since the last reading. */
  readonly cpuPercent: number;
  /** How late timers fire, since the last reading. */
  readonly loopLagP99Ms: number;
  readonly loopLagMaxMs: number;
}

export interface MemoryReading {
  readonly totalBytes: number;
  /** What can be had without swapping (MemAvailable). */
  readonly availableBytes: number;
}

export interface DiskReading {
  readonly totalBytes: number;
  /** For an unprivileged user. */
  readonly freeBytes: number;
  readonly writable: boolean;
}

/** The hottest thermal zone. */
export interface TemperatureReading {
  readonly celsius: number;
  readonly zone: string;
}

/** The Raspberry Pi firmware's `get_throttled` bits. */
export interface ThrottlingReading {
  /** Bits 0-3: now; bits 16-19: since the boot, or since our start when somebody has cleared them. */
  readonly bits: number;
}
