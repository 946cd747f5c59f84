import { Presets, SingleBar } from "cli-progress";

export type ImportProgress = {
  readonly commits: number;
  readonly recordsAdded: number;
  readonly recordsPresent: number;
};

/** Told how an import goes on. */
export type ImportReporter = {
  readonly start: (about: { readonly namespace: string; readonly commits: number }) => void;
  readonly progress: (progress: ImportProgress) => void;
  readonly notice: (text: string) => void;
  readonly stop: () => void;
};

const lineIntervalMs = 5_000;

/** Shows an import on a terminal as a bar with rate and time left, and anywhere else as a line every few seconds. */
export function createImportReporter(
  stream: NodeJS.WriteStream,
  options: { readonly clock?: () => number } = {},
): ImportReporter {
  return stream.isTTY ? createBar(stream) : createLines(stream, options.clock ?? Date.now);
}

function createBar(stream: NodeJS.WriteStream): ImportReporter {
  const bar = new SingleBar(
    {
      stream,
      hideCursor: true,
      etaBuffer: 200,
      format:
        "{bar} {percentage} % | {value}/{total} commits | {records} records, {rate}/s | {eta_formatted} left",
    },
    Presets.shades_classic,
  );
  let startedAt = 0;
  return {
    start({ namespace, commits }) {
      stream.write(`Importing ${commits} commits into ${namespace}\n`);
      startedAt = performance.now();
      bar.start(commits, 0, { records: 0, rate: 0 });
    },
    progress({ commits, recordsAdded, recordsPresent }) {
      const seconds = Math.max(0.001, (performance.now() - startedAt) / 1000);
      const rate = Math.round(recordsAdded / seconds);
      bar.update(commits, { records: recordsAdded + recordsPresent, rate });
    },
    notice: (text) => {
      stream.write(`${text}\n`);
    },
    stop: () => bar.stop(),
  };
}

function createLines(stream: NodeJS.WriteStream, clock: () => number): ImportReporter {
  let total = 0;
  let startedAt = 0;
  let shownAt = 0;
  return {
    start({ namespace, commits }) {
      total = commits;
      startedAt = clock();
      shownAt = startedAt;
      stream.write(`Importing ${commits} commits into ${namespace}\n`);
    },
    progress({ commits, recordsAdded, recordsPresent }) {
      const now = clock();
      if (now - shownAt < lineIntervalMs) return;
      shownAt = now;
      const seconds = (now - startedAt) / 1000;
      const left = commits === 0 ? "unknown" : `${Math.ceil((seconds / commits) * (total - commits))} s`;
      stream.write(
        `${commits}/${total} commits, ${recordsAdded + recordsPresent} records, ${Math.round(recordsAdded / seconds)}/s, ${left} left\n`,
      );
    },
    notice: (text) => {
      stream.write(`${text}\n`);
    },
    stop: () => {},
  };
}
