import { createPublicClient, http, keccak256, type PublicClient } from "viem";
import { createStemmaClient } from "../../client/index.ts";
import type { Deployment } from "../../deployments/index.ts";
import { bytesToHex, type Hex } from "../../protocol/bytes.ts";
import { describeError, isStemmaError } from "../../protocol/errors.ts";
import { apiConnection } from "./apiConnection.ts";
import { deploymentOf, type TargetFlags } from "./target.ts";

/** One thing that was looked at. `wrong` needs mending, `note` is good to know. */
export type Finding = {
  readonly level: "ok" | "note" | "wrong";
  readonly about: string;
  readonly detail: string;
  /** What to do. */
  readonly advice?: string;
};

/** What was learned of the node; nulls where it can't be asked. */
export type ChainFindings = {
  readonly client: PublicClient;
  readonly chainId: bigint | null;
  readonly head: bigint | null;
  readonly findings: readonly Finding[];
};

const TIMEOUT_MS = 5_000;
/** The contract takes times up to 300 s ahead of the block; well below that, records start to be refused by chance. */
const MAX_SKEW_SECONDS = 60;
/** The indexer asks for as many blocks at once, and for fewer where a node takes fewer. */
const WIDE_RANGE = 5_000n;
const MAX_LAG_BLOCKS = 20n;

/** The node: reachable, its chain, its limits, and what it can say about finality. */
export async function checkChain(rpcUrl: string): Promise<ChainFindings> {
  const client = createPublicClient({ transport: http(rpcUrl, { timeout: TIMEOUT_MS, retryCount: 0 }) });
  const findings: Finding[] = [];
  try {
    const chainId = BigInt(await client.getChainId());
    const block = await client.getBlock();
    findings.push({ level: "ok", about: "chain", detail: `chain ${chainId}, head ${block.number}` });
    findings.push(checkClock(block.timestamp));
    findings.push(await checkFinalized(client));
    findings.push(await checkRange(client, block.number));
    findings.push(await checkLogTime(client, block.number));
    return { client, chainId, head: block.number, findings };
  } catch (error) {
    const detail = `the node doesn't answer as it should: ${shortly(error)}`;
    findings.push({
      level: "wrong",
      about: "chain",
      detail,
      advice: "start the node, or give its URL with --rpc",
    });
    return { client, chainId: null, head: null, findings };
  }
}

/** The deployment: there, of this chain, and with the code that was deployed. */
export async function checkDeployment(
  flags: TargetFlags,
  chain: ChainFindings,
): Promise<{ readonly deployment: Deployment | null; readonly findings: readonly Finding[] }> {
  let deployment: Deployment;
  try {
    deployment = deploymentOf(flags);
  } catch (error) {
    if (!isStemmaError(error)) throw error;
    const finding = {
      level: "wrong",
      about: "deployment",
      detail: error.message,
      advice: error.advice,
    } as const;
    return { deployment: null, findings: [finding] };
  }
  if (chain.chainId === null) return { deployment, findings: [] };
  if (deployment.chainId !== chain.chainId) {
    const detail = `it is of chain ${deployment.chainId}, the node serves ${chain.chainId}`;
    return {
      deployment,
      findings: [wrong("deployment", detail, "choose the network with --network, or another node")],
    };
  }
  const genesis = await chain.client.getBlock({ blockNumber: 0n });
  if (genesis.hash !== deployment.genesisHash) {
    const detail = `it is of genesis ${deployment.genesisHash}, the chain's is ${genesis.hash}`;
    return { deployment, findings: [wrong("deployment", detail, "the chain was reset: deploy again")] };
  }
  const findings: Finding[] = [];
  for (const [name, contract] of Object.entries(deployment.contracts)) {
    const code = await chain.client.getCode({ address: contract.address as Hex });
    if (code === undefined)
      findings.push(wrong("deployment", `${name} has no code at ${contract.address}`, "deploy again"));
    else if (keccak256(code) === contract.codeHash) {
      findings.push({
        level: "ok",
        about: "deployment",
        detail: `${name} at ${contract.address}, code as deployed`,
      });
    } else {
      findings.push(
        wrong(
          "deployment",
          `${name} at ${contract.address} has other code than was deployed`,
          "find out who put it there",
        ),
      );
    }
  }
  return { deployment, findings };
}

/** The database: reachable, recent enough, and of this deployment. */
export async function checkDatabase(
  url: string | undefined,
  deployment: Deployment | null,
): Promise<readonly Finding[]> {
  if (url === undefined) {
    const detail = "not looked at: the embedded one belongs to the indexer";
    return [
      { level: "note", about: "database", detail, advice: "give --database or DATABASE_URL to look into it" },
    ];
  }
  const { describeDatabase } = await import("../../indexer/main.ts");
  try {
    const { serverVersion, ownership, finalized } = await describeDatabase(url);
    const findings: Finding[] = [];
    const major = Number.parseInt(serverVersion, 10);
    findings.push(
      major >= 15
        ? { level: "ok", about: "database", detail: `PostgreSQL ${serverVersion}` }
        : wrong("database", `PostgreSQL ${serverVersion} is too old`, "use version 15 or newer"),
    );
    if (ownership === null) {
      findings.push({ level: "note", about: "database", detail: "no indexer has worked in it yet" });
      return findings;
    }
    const foreign =
      deployment !== null &&
      bytesToHex(ownership.registry) !== deployment.contracts.ProvenanceRegistry.address;
    findings.push(
      foreign
        ? wrong(
            "database",
            `it belongs to registry ${bytesToHex(ownership.registry)}`,
            "use another database for this deployment",
          )
        : {
            level: "ok",
            about: "database",
            detail: `of log ${ownership.logOrigin}, final block ${finalized ?? "none"}`,
          },
    );
    return findings;
  } catch (error) {
    if (!isStemmaError(error)) throw error;
    return [wrong("database", error.message, error.advice)];
  }
}

/** The indexer: answering, of this deployment, and near the chain's head. */
export async function checkApi(
  apiUrl: string,
  head: bigint | null,
  deployment: Deployment | null,
): Promise<readonly Finding[]> {
  try {
    const meta = await createStemmaClient(apiConnection({ api: apiUrl })).fetchMeta();
    if (deployment !== null && meta.registry !== deployment.contracts.ProvenanceRegistry.address) {
      return [
        wrong(
          "indexer",
          `it serves registry ${meta.registry}`,
          "give the URL of this deployment's indexer with --api",
        ),
      ];
    }
    if (meta.halted !== null)
      return [wrong("indexer", `it has halted: ${meta.halted}`, "see docs/operations.md")];
    const behind = head === null || meta.head === null ? null : head - meta.head.number;
    const detail = `block ${meta.head?.number ?? "none"}, log ${meta.logSize}, anchored ${meta.anchoredSize}, ${behind ?? "?"} blocks behind`;
    if (behind !== null && behind > MAX_LAG_BLOCKS)
      return [wrong("indexer", detail, "look at its log and at /ready")];
    return [{ level: "ok", about: "indexer", detail }];
  } catch (error) {
    if (!isStemmaError(error)) throw error;
    return [wrong("indexer", error.message, "start it with npm run indexer, or give its URL with --api")];
  }
}

/** Against the newest block: this machine's clock stamps records, the chain's refuses those too far ahead. */
function checkClock(blockTimestamp: bigint): Finding {
  const ahead = Math.round(Date.now() / 1000 - Number(blockTimestamp));
  if (ahead < -MAX_SKEW_SECONDS) {
    return wrong(
      "clock",
      `the newest block is ${-ahead} s ahead of this machine`,
      "set the clock of the machine or of the nodes",
    );
  }
  const detail =
    ahead > MAX_SKEW_SECONDS ? `the newest block is ${ahead} s old` : "it agrees with the newest block";
  const level = ahead > MAX_SKEW_SECONDS ? "note" : "ok";
  return level === "ok"
    ? { level, about: "clock", detail }
    : {
        level,
        about: "clock",
        detail,
        advice: "fine on a chain without empty blocks; else the chain stands still or the clock is ahead",
      };
}

async function checkFinalized(client: PublicClient): Promise<Finding> {
  const finalized = await client.getBlock({ blockTag: "finalized" }).catch(() => null);
  return finalized === null
    ? {
        level: "note",
        about: "finality",
        detail: "the node knows no finalized block: QBFT, depth or instant finality applies",
      }
    : { level: "ok", about: "finality", detail: `finalized block ${finalized.number}` };
}

async function checkRange(client: PublicClient, head: bigint): Promise<Finding> {
  const fromBlock = head > WIDE_RANGE ? head - WIDE_RANGE : 0n;
  try {
    await client.request({
      method: "eth_getLogs",
      params: [
        {
          fromBlock: `0x${fromBlock.toString(16)}`,
          toBlock: `0x${head.toString(16)}`,
          address: `0x${"00".repeat(19)}01`,
        },
      ],
    });
    return {
      level: "ok",
      about: "node limits",
      detail: `logs of ${head - fromBlock + 1n} blocks in one request`,
    };
  } catch (error) {
    const detail = `logs of ${head - fromBlock + 1n} blocks are refused: ${shortly(error)}`;
    return {
      level: "note",
      about: "node limits",
      detail,
      advice: "the indexer asks for less; raise the node's limit for speed",
    };
  }
}

async function checkLogTime(client: PublicClient, head: bigint): Promise<Finding> {
  const about = "log times";
  const logs = await client
    .getLogs({ fromBlock: head > 200n ? head - 200n : 0n, toBlock: head })
    .catch(() => []);
  const [log] = logs;
  if (log === undefined) return { level: "note", about, detail: "no log among the newest blocks to look at" };
  return log.blockTimestamp === undefined || log.blockTimestamp === null
    ? {
        level: "note",
        about,
        detail: "logs come without blockTimestamp: the indexer fetches headers too",
        advice: "a newer node is faster",
      }
    : { level: "ok", about, detail: "logs carry blockTimestamp" };
}

function wrong(about: string, detail: string, advice: string): Finding {
  return { level: "wrong", about, detail, advice };
}

function shortly(error: unknown): string {
  if (error instanceof Error && "shortMessage" in error) return String(error.shortMessage);
  return describeError(error).split("\n")[0] ?? "";
}
