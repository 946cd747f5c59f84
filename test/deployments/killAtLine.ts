import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

// Preloaded into a deployment: kills its process as soon as Ignition has appended that many lines to its journal.
const lastLine = Number(process.env.TEST_KILL_AT_LINE);
const { writeFileSync } = fs;
let lines = 0;
fs.writeFileSync = (...args: Parameters<typeof writeFileSync>) => {
  writeFileSync(...args);
  // The journal is the one file that is written through a descriptor.
  if (typeof args[0] === "number" && ++lines === lastLine) process.kill(process.pid, "SIGKILL");
};
syncBuiltinESMExports();
