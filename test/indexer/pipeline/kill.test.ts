import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Stage } from "../../../indexer/model/probe.ts";
import { checkpointAnchorAbi } from "../../../protocol/abi/checkpointAnchor.generated.ts";
import {
  assertSameRows,
  checkCheckpoints,
  dump,
  settled,
  startChild,
  startWorld,
  type World,
} from "../../helpers/indexer.ts";

/** Stages that every run passes while the chain moves forward. */
const STAGES: readonly Stage[] = [
  "afterLead",
  "afterDecode",
  "beforeCommitRange",
  "afterCommitRange",
  "beforeFinalize",
  "afterFinalize",
  "beforeAppend",
  "afterAppend",
  "beforeCheckpoint",
  "afterCheckpoint",
  "beforeSeal",
  "afterSeal",
  "afterSent",
  "afterBroadcast",
  "beforeReceipt",
  "afterMined",
  "afterFinal",
];

describe("an indexer that is killed with SIGKILL", () => {
  let world: World;
  let databaseUrl: string;

  before(async () => {
    world = await startWorld();
    databaseUrl = await world.postgres.createDatabase();
  });
  after(() => world.stop());

  for (const stage of STAGES) {
    it(`at ${stage} goes on where it was, and ends with the rows of a fresh index`, {
      timeout: 60_000,
    }, async () => {
      await world.ledger.everything(stage);
      const child = await startChild(world, databaseUrl, { kill: { stage, nth: 1 } });
      // What is written while it runs is found half indexed, too.
      if (child.process.exitCode === null && child.process.signalCode === null) {
        await world.ledger.batch([{ name: `${stage}/late` }, { name: `${stage}/late` }]);
      }
      assert.equal(await child.ended, "SIGKILL");

      const indexer = await world.start(databaseUrl);
      try {
        await settled(databaseUrl, world.deployment);
      } finally {
        await indexer.stop();
      }
      await checkCheckpoints(databaseUrl);
      assertSameRows(await dump(databaseUrl), await world.freshDump());
    });
  }

  it("has never paid twice for one anchor", async () => {
    const { publicClient, anchor, operator } = world.deployment;
    const events = await publicClient.getContractEvents({
      address: anchor,
      abi: checkpointAnchorAbi,
      eventName: "CheckpointAnchored",
      fromBlock: 0n,
      strict: true,
    });
    assert.equal(new Set(events.map(({ args }) => args.size)).size, events.length);
    assert.equal(await publicClient.getTransactionCount({ address: operator.address }), events.length);
  });
});
