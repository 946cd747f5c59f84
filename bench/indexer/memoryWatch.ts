const SAMPLE_MS = 50;
const MEBIBYTE = 2 ** 20;

/** The most of each kind that was seen, in MiB. The kinds needn't have peaked together. */
export type PeakMemory = {
  readonly rssMb: number;
  readonly heapTotalMb: number;
  readonly heapUsedMb: number;
  readonly externalMb: number;
  readonly arrayBuffersMb: number;
};

export type MemoryWatch = { readonly peak: () => PeakMemory; readonly stop: () => void };

/** Looks at this process's memory until it is stopped. */
export function createMemoryWatch(): MemoryWatch {
  const most = { rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 };
  const look = () => {
    const now = process.memoryUsage();
    for (const kind of ["rss", "heapTotal", "heapUsed", "external", "arrayBuffers"] as const)
      most[kind] = Math.max(most[kind], now[kind]);
  };
  const timer = setInterval(look, SAMPLE_MS);
  const toMb = (bytes: number) => Math.round(bytes / MEBIBYTE);
  return {
    peak: () => ({
      rssMb: toMb(most.rss),
      heapTotalMb: toMb(most.heapTotal),
      heapUsedMb: toMb(most.heapUsed),
      externalMb: toMb(most.external),
      arrayBuffersMb: toMb(most.arrayBuffers),
    }),
    stop: () => clearInterval(timer),
  };
}
