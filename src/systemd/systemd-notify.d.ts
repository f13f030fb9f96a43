declare module 'systemd-notify' {
  interface NotifyOptions {
    readonly ready?: boolean;
    readonly status?: string;
    readonly pid?: number;
  }
  /** Spawns the program systemd-notify. Rejects with its error output. */
  function notify(options: NotifyOptions): Promise<unknown>;
  // biome-ignore lint/style/noDefaultExport: it is what the package exports
  export default notify;
}
