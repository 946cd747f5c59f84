import {
  encodeAbiParameters,
  encodePacked,
  type Hex,
  hashTypedData,
  hexToBytes,
  keccak256,
  stringToHex,
  toHex,
} from "viem";

/** Everything here comes from viem, so that protocol's own encoding is checked against another one. */

const DOMAIN_FIELDS = { name: "Stemma", version: "1" } as const;
const REGISTRIES = [
  { chainId: 31337n, registry: "0x5fbdb2315678afecb367f032d93f642f64180aa3" },
  { chainId: 1n, registry: "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512" },
] as const;
const AGENT = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8";
const ZERO: Hex = `0x${"00".repeat(32)}`;
const MAX_UINT64 = 2n ** 64n - 1n;
const FIRST_DOMAIN = REGISTRIES[0];

const TYPES = {
  ProvenanceRecord: [
    ...["dataId", "dataHash", "previousHash", "parentsHash", "operation", "metadataHash"].map(bytes32),
    { name: "dataOwner", type: "address" },
    { name: "timestamp", type: "uint64" },
  ],
  Endorsement: [
    bytes32("recordHash"),
    { name: "validator", type: "address" },
    { name: "policyVersion", type: "uint64" },
  ],
  AccessRecord: [
    ...["dataId", "recordHash", "reader", "purpose", "metadataHash"].map(bytes32),
    { name: "reporter", type: "address" },
    { name: "sequence", type: "uint64" },
    { name: "timestamp", type: "uint64" },
  ],
};

type Domain = { readonly chainId: bigint; readonly registry: Hex };

export function recordVectors() {
  const parentSets: Hex[][] = [
    [],
    [keccak256("0x01")],
    ["0x01", "0x02", "0x03", "0x04"].map((seed) => keccak256(seed as Hex)).sort(),
  ];
  const records = REGISTRIES.flatMap((domain) =>
    parentSets.map((parents, i) => {
      const record = {
        dataId: keccak256(toHex(`dataset ${i}`)),
        dataHash: keccak256(toHex(`data ${i}`)),
        previousHash: i === 0 ? ZERO : keccak256(toHex(`previous ${i}`)),
        parentsHash: keccak256(
          encodePacked(
            parents.map(() => "bytes32" as const),
            parents,
          ),
        ),
        operation: operationWord(["CREATE", "DERIVE", "x".repeat(31)][i] ?? ""),
        metadataHash: i === 0 ? ZERO : keccak256(toHex(`metadata ${i}`)),
        dataOwner: AGENT,
        timestamp: [1n, 1_760_000_000n, MAX_UINT64][i] ?? 0n,
      };
      return {
        chainId: `${domain.chainId}`,
        registry: domain.registry,
        record: { ...record, timestamp: `${record.timestamp}` },
        parents,
        recordHash: digest(domain, "ProvenanceRecord", record),
      };
    }),
  );
  return {
    about: "recordHash is the EIP-712 digest of ProvenanceRecord in the domain Stemma, version 1",
    typeHash: typeHash("ProvenanceRecord"),
    noParentsHash: keccak256("0x"),
    records,
  };
}

export function endorsementVectors() {
  const endorsements = [1n, MAX_UINT64].map((policyVersion) => {
    const endorsement = {
      recordHash: keccak256(toHex(`record ${policyVersion}`)),
      validator: AGENT,
      policyVersion,
    };
    return {
      ...endorsement,
      policyVersion: `${policyVersion}`,
      endorsementHash: digest(FIRST_DOMAIN, "Endorsement", endorsement),
    };
  });
  return { ...domainJson(), typeHash: typeHash("Endorsement"), endorsements };
}

export function accessVectors() {
  const accesses = [1n, MAX_UINT64].map((sequence) => {
    const access = {
      dataId: keccak256(toHex("dataset")),
      recordHash: keccak256(toHex(`record ${sequence}`)),
      reader: keccak256(toHex("reader")),
      purpose: operationWord("research"),
      metadataHash: sequence === 1n ? ZERO : keccak256(toHex("metadata")),
      reporter: AGENT,
      sequence,
      timestamp: 1_760_000_000n,
    };
    return {
      ...access,
      sequence: `${sequence}`,
      timestamp: `${access.timestamp}`,
      accessHash: digest(FIRST_DOMAIN, "AccessRecord", access),
    };
  });
  return { ...domainJson(), typeHash: typeHash("AccessRecord"), accesses };
}

export function datasetVectors() {
  const names = [
    { namespace: "git+https://example.com/stemma", name: "README.md" },
    { namespace: "lager", name: "Messwerte/Übersicht 2026.csv" },
    { namespace: "a", name: "" },
    { namespace: "emoji 🌾", name: "x".repeat(300) },
  ];
  return {
    about:
      "namespaceId = keccak256(bytes(namespace)); dataId = keccak256(abi.encode(namespaceId, keccak256(bytes(name))))",
    datasets: names.map(({ namespace, name }) => {
      const namespaceId = keccak256(stringToHex(namespace));
      const nameHash = keccak256(stringToHex(name));
      const words = encodeAbiParameters([{ type: "bytes32" }, { type: "bytes32" }], [namespaceId, nameHash]);
      return { namespace, name, namespaceId, nameHash, dataId: keccak256(words) };
    }),
  };
}

export function operationVectors() {
  const names = [
    "CREATE",
    "TRANSFORM",
    "DERIVE",
    "TRANSFER",
    "ACCESS",
    "CORRECT",
    "REVOKE",
    "ERASE",
    "!",
    "~".repeat(31),
  ];
  const word = (text: string) => stringToHex(text, { size: 32 });
  return {
    about: "1 to 31 printable ASCII characters (0x21 to 0x7e), left-aligned, padded with zeros",
    operations: names.map((name) => ({ name, word: operationWord(name) })),
    refused: [
      ZERO,
      word("with space"),
      word("tab\there"),
      word("ü"),
      word("a\0b"),
      word("x".repeat(32)),
      word("\0a"),
      word("\x7f"),
    ],
  };
}

function domainJson() {
  return { chainId: `${FIRST_DOMAIN.chainId}`, registry: FIRST_DOMAIN.registry };
}

function digest(domain: Domain, primaryType: keyof typeof TYPES, message: Record<string, unknown>): Hex {
  const { chainId, registry } = domain;
  const types: Record<string, { name: string; type: string }[]> = TYPES;
  return hashTypedData({
    domain: { ...DOMAIN_FIELDS, chainId, verifyingContract: registry },
    types,
    primaryType,
    message,
  });
}

function typeHash(primaryType: keyof typeof TYPES): Hex {
  const fields = TYPES[primaryType].map(({ name, type }) => `${type} ${name}`).join(",");
  return keccak256(stringToHex(`${primaryType}(${fields})`));
}

function operationWord(name: string): Hex {
  return toHex(Uint8Array.from({ length: 32 }, (_, i) => hexToBytes(stringToHex(name))[i] ?? 0));
}

function bytes32(name: string) {
  return { name, type: "bytes32" };
}
