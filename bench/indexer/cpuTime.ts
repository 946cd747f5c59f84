import { readdirSync, readFileSync } from "node:fs";

/** Ticks of /proc/<pid>/stat per second (USER_HZ, 100 on Linux). */
const TICKS_PER_SECOND = 100;

/**
 * Processor time of a process and its children, in seconds; null where the system doesn't tell. A server that answers every connection
 * with a process of its own needs the children counted, those that ended included.
 */
export function cpuSecondsOf(pid: number): number | null {
  const own = readStat(pid);
  if (own === null) return null;
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name)) ?? [])
    .filter(({ parent }) => parent === pid);
  const ticks = children.reduce((sum, child) => sum + child.ticks, own.ticks + own.endedTicks);
  return ticks / TICKS_PER_SECOND;
}

function readStat(pid: number): { parent: number; ticks: number; endedTicks: number } | null {
  try {
    // The name in parentheses may hold spaces; the fields are counted from behind it (proc_pid_stat(5)).
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ").map(Number) ?? [];
    const sum = (from: number) => (fields[from] ?? 0) + (fields[from + 1] ?? 0);
    return { parent: fields[1] ?? 0, ticks: sum(11), endedTicks: sum(13) };
  } catch {
    return null;
  }
}
