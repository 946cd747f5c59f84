import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Difference, runFsck } from "../../../indexer/fsck/index.ts";
import { signCheckpoint } from "../../../protocol/checkpoint.ts";
import { createNoteSigner } from "../../../protocol/signedNote.ts";
import { settled, startWorld, type World, withSql } from "../../helpers/indexer.ts";
import { writeHistory } from "./history.ts";

/** A flaw, the SQL that makes it, and where fsck has to find it. */
type Flaw = {
  readonly what: string;
  readonly sql: string;
  readonly where: string;
  readonly problem: Difference["problem"];
};

const flaws: readonly Flaw[] = [
  {
    what: "a changed field of a record",
    sql: "UPDATE record SET data_hash = sha256(data_hash) WHERE id = (SELECT min(id) FROM record)",
    where: "record",
    problem: "changed",
  },
  {
    what: "a record that is gone",
    sql: "DELETE FROM record WHERE id = (SELECT max(id) FROM record)",
    where: "record",
    problem: "missing",
  },
  {
    what: "a record that nobody made",
    sql: "INSERT INTO record SELECT id + 5, sequence, timestamp, sha256(record_hash), data_id, data_hash, previous_hash, operation, metadata_hash, data_owner, agent, submitter, transaction_hash FROM record ORDER BY id LIMIT 1",
    where: "record",
    problem: "extra",
  },
  {
    what: "an edge that is gone",
    sql: "DELETE FROM edge WHERE child = (SELECT max(child) FROM edge)",
    where: "edge",
    problem: "missing",
  },
  {
    what: "an edge with another meaning",
    sql: "UPDATE edge SET flags = 3 WHERE child = (SELECT max(child) FROM edge WHERE flags <> 3)",
    where: "edge",
    problem: "changed",
  },
  {
    what: "a dataset of another owner",
    sql: "UPDATE dataset SET owner = substring(sha256(owner) for 20)",
    where: "dataset",
    problem: "changed",
  },
  {
    what: "a namespace of another name",
    sql: "UPDATE namespace SET name = 'another'",
    where: "namespace",
    problem: "changed",
  },
  { what: "an access that is gone", sql: "DELETE FROM access", where: "access", problem: "missing" },
  {
    what: "a writer who was never named",
    sql: "INSERT INTO writer_grant SELECT id + 7, 1, namespace_id, owner, true, transaction_hash FROM namespace",
    where: "writer_grant",
    problem: "extra",
  },
  {
    what: "a revocation that is gone",
    sql: "DELETE FROM superseded",
    where: "superseded",
    problem: "missing",
  },
  {
    what: "another hash in an entry",
    sql: "UPDATE entry SET hash = sha256(hash) WHERE entry_index = 1",
    where: "entry",
    problem: "changed",
  },
  {
    what: "an entry that is gone",
    sql: "DELETE FROM entry WHERE entry_index = 0",
    where: "entry",
    problem: "missing",
  },
  {
    what: "an entry that the chain doesn't give",
    sql: "INSERT INTO entry SELECT max(entry_index) + 1, max(source_id) + 1, 0, 1, sha256('x') FROM entry",
    where: "entry",
    problem: "extra",
  },
  {
    what: "one flipped bit in a tile",
    sql: "UPDATE tile SET hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1) WHERE level = 0",
    where: "tile",
    problem: "changed",
  },
  { what: "a tile that is gone", sql: "DELETE FROM tile", where: "tile", problem: "missing" },
  {
    what: "another root of the log",
    sql: "UPDATE log_state SET root = sha256(root)",
    where: "log_state",
    problem: "changed",
  },
  {
    what: "another root in a checkpoint",
    sql: "UPDATE checkpoint SET root = sha256(root)",
    where: "checkpoint",
    problem: "changed",
  },
  {
    what: "a checkpoint with a broken signature",
    sql: "UPDATE checkpoint SET note = regexp_replace(note, '.{12}\\n$', E'AAAAAAAAAAA=\\n')",
    where: "checkpoint",
    problem: "changed",
  },
  {
    what: "an anchor that is gone",
    sql: "DELETE FROM anchor WHERE size = (SELECT max(size) FROM anchor)",
    where: "anchor",
    problem: "missing",
  },
  {
    what: "another root in an anchor",
    sql: "UPDATE anchor SET root = sha256(root)",
    where: "anchor",
    problem: "changed",
  },
  {
    what: "an anchor that the chain doesn't hold",
    sql: "INSERT INTO anchor (size, root, epoch, from_size, state, sealed_at) SELECT 1, (SELECT substring(hashes for 32) FROM tile WHERE level = 0 AND tile_index = 0), 1, 0, 'FINAL', 0 WHERE NOT EXISTS (SELECT FROM anchor WHERE size = 1)",
    where: "anchor",
    problem: "changed",
  },
];

describe("fsck", () => {
  let world: World;
  let healthy: string;
  before(async () => {
    world = await startWorld();
    await writeHistory(world.deployment);
    healthy = await world.postgres.createDatabase();
    // One checkpoint for all entries, so that no other size is anchored.
    const indexer = await world.start(healthy, { STEMMA_CHECKPOINT_INTERVAL_MS: "400" });
    try {
      await settled(healthy, world.deployment);
    } finally {
      await indexer.stop();
    }
  });
  after(() => world?.stop());

  async function check(
    databaseUrl: string,
  ): Promise<{ differences: number; found: Difference[]; steps: Set<string> }> {
    const found: Difference[] = [];
    const steps = new Set<string>();
    const { differences } = await runFsck(
      {
        databaseUrl,
        rpcUrl: world.chain.rpcUrl,
        deployment: world.deployment.deployment,
        scratchUrl: await world.postgres.createDatabase(),
      },
      { onDifference: (difference) => found.push(difference), onProgress: ({ step }) => steps.add(step) },
    );
    assert.equal(differences, found.length);
    return { differences, found, steps };
  }

  /** A copy of the healthy database, changed as told. */
  async function copy(sql: string): Promise<string> {
    const url = await world.postgres.createDatabase();
    const name = new URL(url).pathname.slice(1);
    const template = new URL(healthy).pathname.slice(1);
    await withSql(new URL("/postgres", url).href, async (admin) => {
      await admin.unsafe(`DROP DATABASE ${name}`);
      await admin.unsafe(`CREATE DATABASE ${name} TEMPLATE ${template}`);
    });
    await withSql(url, async (changed) => void (await changed.unsafe(sql)));
    return url;
  }

  it("finds nothing in a healthy database, and says how far it is", async () => {
    const { found, steps } = await check(healthy);
    assert.deepEqual(found, []);
    assert.ok(steps.has("reading the chain") && steps.has("comparing record"));
  });

  for (const { what, sql, where, problem } of flaws) {
    it(`finds ${what}`, async () => {
      const { found } = await check(await copy(sql));
      const kinds = found.map((difference) => `${difference.where} ${difference.problem}`);
      assert.ok(kinds.includes(`${where} ${problem}`), kinds.join(", ") || "nothing was found");
      assert.ok(found.every(({ key, detail }) => key !== "" && detail !== ""));
    });
  }

  it("finds a checkpoint that the log's key signed over another tree", async () => {
    const seed = new Uint8Array(32).fill(0x51);
    const { origin } = world.deployment;
    const signer = createNoteSigner({ name: origin, seed });
    const note = signCheckpoint({ origin, size: 1n, root: new Uint8Array(32).fill(9) }, signer);
    const sql = `INSERT INTO checkpoint (size, epoch, created_at, root, note) VALUES (1, 1, 0, '\\x${"09".repeat(32)}', E'${note.replaceAll("\n", "\\n")}') ON CONFLICT (size) DO UPDATE SET note = EXCLUDED.note, root = EXCLUDED.root`;
    const { found } = await check(await copy(sql));
    assert.deepEqual(
      found.map(({ where, key }) => `${where} ${key}`),
      ["checkpoint 1"],
    );
  });

  it("says that the chain is another one, before comparing anything", async () => {
    const { found } = await check(await copy("UPDATE chain_cursor SET final_hash = sha256(final_hash)"));
    assert.deepEqual(
      found.map(({ where }) => where),
      ["chain"],
    );
    const ahead = await check(await copy("UPDATE chain_cursor SET final_number = final_number + 1000"));
    assert.deepEqual(
      ahead.found.map(({ where }) => where),
      ["chain"],
    );
  });

  it("refuses a database of another registry, and one that holds no index", async () => {
    const foreign = await copy("UPDATE ownership SET registry = substring(sha256(registry) for 20)");
    await assert.rejects(check(foreign), { name: "DATABASE_OWNED_BY_OTHER" });
    await assert.rejects(check(await world.postgres.createDatabase()), { name: "STORE_FAILED" });
  });
});
