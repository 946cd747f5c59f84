import { Command, CommanderError } from "commander";
import { StemmaError } from "../protocol/errors.ts";
import { type ExitCode, exitCodeOf } from "./commands/exit.ts";
import { sayError } from "./commands/print.ts";

/** The command line. Each command's code is loaded only when it runs. */
export function createProgram(finish: (code: ExitCode) => void): Command {
  const program = new Command("stemma")
    .description("Verifiable data lineage: record, query, prove and verify")
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  const run =
    <Arguments extends readonly unknown[]>(action: (...args: Arguments) => Promise<ExitCode>) =>
    async (...args: Arguments) =>
      finish(await action(...args));
  const onChain = (command: Command) =>
    command
      .option("--network <name>", "network of deployments/ (STEMMA_NETWORK, else localhost)")
      .option("--rpc <url>", "JSON-RPC URL of a node (STEMMA_RPC_URL, LOCALHOST_RPC_URL)")
      .option("--deployments <folder>", "folder with the deployments (STEMMA_DEPLOYMENTS_DIR)");
  const onApi = (command: Command) =>
    command.option("--api <url>", "base URL of the indexer's API (STEMMA_URL, else http://127.0.0.1:4000)");
  const json = (command: Command) => command.option("--json", "one JSON document on one line");

  json(onChain(program.command("record")))
    .description("record a step of a dataset's history; the agent's key comes from STEMMA_KEY")
    .requiredOption("--namespace <name>", "namespace of the dataset")
    .requiredOption("--name <name>", "name of the dataset in it")
    .option("--file <path>", "file whose SHA-256 is recorded")
    .option("--hash <hex>", "digest or salted commitment in the file's place")
    .option(
      "--operation <name>",
      "CREATE, TRANSFORM, DERIVE, CORRECT, REVOKE, … (CREATE, or TRANSFORM for a dataset that exists)",
    )
    .option("--parent <hash...>", "record hashes of the inputs")
    .option("--metadata-hash <hex>", "salted commitment to metadata")
    .option("--register", "register the namespace where nobody owns it yet")
    .option("--private-name", "keep the dataset's name off the chain")
    .action(run(async (flags) => (await import("./commands/record.ts")).record(flags)));
  json(onApi(program.command("lineage <start>")))
    .description(
      "history of a record (hash), a dataset (id), or a dataset's name with --namespace, as a tree",
    )
    .option("--namespace <name>", "namespace that <start> is a name in")
    .option("--direction <way>", "upstream, downstream or both (upstream)")
    .option("--depth <n>", "edges from the start (20)")
    .option("--nodes <n>", "records at most (1000)")
    .option("--as-of <block>", "as this block would have answered")
    .action(run(async (start, flags) => (await import("./commands/lineage.ts")).lineage(start, flags)));
  json(onApi(program.command("show <recordHash>")))
    .description("one record with the times of its states")
    .action(run(async (hash, flags) => (await import("./commands/show.ts")).show(hash, flags)));
  onApi(program.command("proof <recordHash>"))
    .description("the proof file of a record")
    .option("-o, --output <file>", "where to write it; printed where none is given")
    .action(run(async (hash, flags) => (await import("./commands/proof.ts")).proof(hash, flags)));
  json(onChain(program.command("verify <file>")))
    .description(
      "check a proof file: offline against a key, checkpoint or root; with --rpc also against the chain",
    )
    .option("--key <vkey...>", "verifier key of the log that you trust")
    .option("--checkpoint <file>", "checkpoint that you know from elsewhere")
    .option("--root <hex>", "root that you know from elsewhere, with --size")
    .option("--size <n>", "size that belongs to --root")
    .option("--anchor <address>", "checkpoint anchor that you trust, in the deployment's place")
    .option("--registry <address>", "registry that you trust, in the deployment's place")
    .option("--origin <name>", "origin of the log, in the deployment's place")
    .option("--finality <rule>", "auto, instant, tag, qbft or depth:<n> (auto)")
    .option("--validator <address...>", "QBFT validators that you trust")
    .option("--data <file>", "check that this file is the data of the record")
    .action(run(async (file, flags) => (await import("./commands/verify.ts")).verify(file, flags)));
  json(onChain(program.command("fsck")))
    .description("compare database, tree, checkpoints and anchors with the chain; prints each difference")
    .option(
      "--database <url>",
      "PostgreSQL URL of the indexer's database (DATABASE_URL, else the embedded one)",
    )
    .option(
      "--data-dir <folder>",
      "the indexer's folder with the embedded database (STEMMA_DATA_DIR, else .stemma/<network>)",
    )
    .option("--limit <n>", "differences to print at most (100)")
    .action(run(async (flags) => (await import("./commands/fsck.ts")).fsck(flags)));
  json(onApi(onChain(program.command("doctor"))))
    .description(
      "check chain, node, clock, database, deployment and indexer; says what is wrong and what to do",
    )
    .option("--database <url>", "PostgreSQL URL of the indexer's database (DATABASE_URL)")
    .action(run(async (flags) => (await import("./commands/doctor.ts")).doctor(flags)));
  json(program.command("keygen"))
    .description("a new account, or with --origin a new log seed; printed, never stored")
    .option("--origin <name>", "origin of the log that the seed is for")
    .action(run(async (flags) => (await import("./commands/keygen.ts")).keygen(flags)));
  const importing = program.command("import").description("bring existing history in");
  json(onChain(importing.command("git <path>")))
    .description("the history of a git repository; the agent's key comes from STEMMA_KEY")
    .option("--namespace <name>", "namespace to import into (git: and the identity of the repository)")
    .option("--revision <name>", "branch, tag or commit (HEAD)")
    .option("--data-dir <folder>", "folder that keeps the salts (STEMMA_DATA_DIR, else .stemma/<network>)")
    .action(run(async (path, flags) => (await import("./commands/importGit.ts")).importGit(path, flags)));
  return program;
}

async function main(args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = createProgram((finished) => {
    code = finished;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      sayError(error);
      return exitCodeOf(error);
    }
    if (error.exitCode === 0) return 0;
    if (error.code === "commander.help") {
      process.stderr.write(program.helpInformation());
      return 2;
    }
    const problem = error.message.replace(/^error: /, "");
    const usage = new StemmaError("USAGE", { problem: problem.charAt(0).toUpperCase() + problem.slice(1) });
    sayError(usage);
    return 2;
  }
}

if (import.meta.main) {
  // `stemma lineage … | head` closes our end: what is left to say is of no use to anyone.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
  process.exitCode = await main(process.argv.slice(2));
}
