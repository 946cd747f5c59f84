import { startConductor } from "../../../cluster/conductor/createConductor.ts";
import { createEngineClient } from "../../../cluster/conductor/engine/createEngineClient.ts";
import { createEtcdClient } from "../../../cluster/conductor/etcd/createEtcdClient.ts";
import { createBlockLog } from "../../../cluster/conductor/log/createBlockLog.ts";
import { hexToBytes } from "../../../protocol/bytes.ts";

/** A conductor in a process of its own, so that it can be killed and paused. Says its status on each line; ends with its input. */
const [url = "", jwtSecret = "", endpoint = "", name = ""] = process.argv.slice(2);
const etcd = createEtcdClient({ endpoints: [endpoint] });
const conductor = await startConductor({
  engine: createEngineClient({ url, jwtSecret: hexToBytes(jwtSecret), now: Date.now }),
  log: createBlockLog(etcd, { prefix: "test/", name }),
  clock: () => ({ wallMs: Date.now(), steadyMs: performance.now() }),
});
const timer = setInterval(() => {
  const { head, ...status } = conductor.status();
  console.log(JSON.stringify({ ...status, height: Number(head?.height ?? 0n) }));
}, 100);
process.stdin.resume().once("end", async () => {
  clearInterval(timer);
  await conductor.stop();
  process.exit(0);
});
