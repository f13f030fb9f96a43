/** What is to be written. */
export interface ExportSource {
  /** How many bytes will come. */
  readonly bytes: number;
  readonly stream: AsyncIterable<Uint8Array>;
}

/** Opened anew for each attempt. */
export type OpenSource = () => Promise<ExportSource>;

/** Where exported files go. A file is there whole or not at all. */
export interface ExportTarget extends AsyncDisposable {
  /** A folder or an address, for people. */
  readonly name: string;
  /** A small file as text; undefined when it is not there, or nothing may be read. */
  readText(file: string): Promise<string | undefined>;
  /**
   * Whether this file is there, as far as that can be told without reading much over a network: by its hash in a folder, by its
   * size on a server.
   */
  has(file: string, bytes: number, sha256: string): Promise<boolean>;
  /**
   * Write a file, in place of one that is there. Throws `not_writable`, `disk_full`, `network`,
   * `not_permitted`, or what the source throws.
   */
  put(file: string, open: OpenSource): Promise<void>;
  /** Take a file away, if that is possible. */
  remove(file: string): Promise<void>;
}
