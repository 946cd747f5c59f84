import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TypedDataEncoder } from "ethers";
import fc from "fast-check";
import { hashTypedData } from "viem";
import { z } from "zod";
import { accessHash } from "../../protocol/access.ts";
import { bytesToHex, type Hex, utf8, ZERO_HASH } from "../../protocol/bytes.ts";
import { dataId, dataIdOf, nameHash, namespaceId } from "../../protocol/dataset.ts";
import { encodeType } from "../../protocol/eip712.ts";
import { endorsementHash, endorsementTypedData } from "../../protocol/endorsement.ts";
import { isStemmaError } from "../../protocol/errors.ts";
import { keccak256 } from "../../protocol/hash.ts";
import { decodeOperation, encodeOperation, OPERATIONS } from "../../protocol/operation.ts";
import { NO_PARENTS_HASH, parentsHash, sortParents } from "../../protocol/parents.ts";
import {
  type ProvenanceRecord,
  RECORD_FIELDS,
  recordHash,
  recordTypedData,
  validateRecord,
} from "../../protocol/record.ts";
import { generateVectors } from "../vectors/generate.ts";
import { hexField, readVectors, sizeField } from "./readVectors.ts";

const word = (fill: string): Hex => `0x${fill.repeat(32)}`;
const arbitraryBytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => bytesToHex(bytes));
const arbitraryRecord = fc.record({
  dataId: arbitraryBytes(32),
  dataHash: arbitraryBytes(32),
  previousHash: arbitraryBytes(32),
  parentsHash: arbitraryBytes(32),
  operation: arbitraryBytes(32),
  metadataHash: arbitraryBytes(32),
  dataOwner: arbitraryBytes(20),
  timestamp: fc.bigInt(0n, 2n ** 64n - 1n),
});
const arbitraryDomain = fc.record({ chainId: fc.bigInt(1n, 2n ** 64n), registry: arbitraryBytes(20) });
const SOUND: ProvenanceRecord = {
  dataId: word("11"),
  dataHash: word("22"),
  previousHash: ZERO_HASH,
  parentsHash: NO_PARENTS_HASH,
  operation: encodeOperation("CREATE"),
  metadataHash: ZERO_HASH,
  dataOwner: `0x${"33".repeat(20)}`,
  timestamp: 1n,
};
const DOMAIN = { chainId: 31337n, registry: `0x${"44".repeat(20)}` } as const;

test("the shared vectors are what their generator gives", async () => {
  assert.deepEqual(await generateVectors({ write: false }), []);
});

describe("record hash", () => {
  const vectors = readVectors(
    "record.json",
    z.object({
      typeHash: hexField,
      noParentsHash: hexField,
      records: z
        .array(
          z.object({
            chainId: sizeField,
            registry: hexField,
            record: z.object({
              dataId: hexField,
              dataHash: hexField,
              previousHash: hexField,
              parentsHash: hexField,
              operation: hexField,
              metadataHash: hexField,
              dataOwner: hexField,
              timestamp: sizeField,
            }),
            parents: z.array(hexField),
            recordHash: hexField,
          }),
        )
        .min(6),
    }),
  );

  test("agrees with the shared vectors, parents and type included", () => {
    assert.equal(
      bytesToHex(keccak256(utf8(encodeType("ProvenanceRecord", RECORD_FIELDS)))),
      vectors.typeHash,
    );
    assert.equal(NO_PARENTS_HASH, vectors.noParentsHash);
    for (const { chainId, registry, record, parents, recordHash: expected } of vectors.records) {
      assert.equal(parentsHash(parents), record.parentsHash);
      assert.equal(recordHash({ chainId, registry }, record), expected);
      validateRecord(record);
    }
  });

  test("agrees with viem and ethers for any record and domain", () => {
    fc.assert(
      fc.property(arbitraryDomain, arbitraryRecord, (domain, record) => {
        const typed = recordTypedData(domain, record);
        const ours = recordHash(domain, record);
        assert.equal(ours, hashTypedData(typed));
        const types = { ProvenanceRecord: [...RECORD_FIELDS] };
        assert.equal(ours, TypedDataEncoder.hash(typed.domain, types, typed.message));
      }),
    );
  });

  test("changes with every field, the chain and the registry", () => {
    const hashes = new Set<string>([recordHash(DOMAIN, SOUND)]);
    for (const { name, type } of RECORD_FIELDS) {
      const other = type === "uint64" ? 2n : type === "address" ? `0x${"99".repeat(20)}` : word("99");
      hashes.add(recordHash(DOMAIN, { ...SOUND, [name]: other }));
    }
    hashes.add(recordHash({ ...DOMAIN, chainId: 1n }, SOUND));
    hashes.add(recordHash({ ...DOMAIN, registry: `0x${"99".repeat(20)}` }, SOUND));
    assert.equal(hashes.size, 1 + RECORD_FIELDS.length + 2);
  });

  test("refuses fields that are malformed, missing or zero, by name", () => {
    const refused: [Partial<Record<keyof ProvenanceRecord, unknown>>, string][] = [
      [{ dataHash: ZERO_HASH }, "RECORD_FIELD_ZERO"],
      [{ dataId: ZERO_HASH }, "RECORD_FIELD_ZERO"],
      [{ dataOwner: `0x${"00".repeat(20)}` }, "RECORD_FIELD_ZERO"],
      [{ timestamp: 0n }, "RECORD_FIELD_ZERO"],
      [{ timestamp: -1n }, "INVALID_NUMBER"],
      [{ timestamp: 2n ** 64n }, "INVALID_NUMBER"],
      [{ timestamp: 5 }, "INVALID_NUMBER"],
      [{ operation: ZERO_HASH }, "INVALID_OPERATION"],
      [{ dataId: "0x11" }, "INVALID_HEX"],
      [{ dataHash: "22".repeat(33) }, "INVALID_HEX"],
      [{ parentsHash: undefined }, "INVALID_HEX"],
      [{ dataOwner: word("33") }, "INVALID_HEX"],
    ];
    for (const [change, name] of refused) {
      const record = Object.assign({}, SOUND, change);
      assert.throws(
        () => validateRecord(record),
        (error) => isStemmaError(error) && error.name === name,
      );
    }
  });
});

test("endorsement hashes agree with the shared vectors and with viem", () => {
  const { chainId, registry, endorsements } = readVectors(
    "endorsement.json",
    z.object({
      chainId: sizeField,
      registry: hexField,
      endorsements: z
        .array(
          z.object({
            recordHash: hexField,
            validator: hexField,
            policyVersion: sizeField,
            endorsementHash: hexField,
          }),
        )
        .min(2),
    }),
  );
  for (const endorsement of endorsements) {
    assert.equal(endorsementHash({ chainId, registry }, endorsement), endorsement.endorsementHash);
    assert.equal(
      hashTypedData(endorsementTypedData({ chainId, registry }, endorsement)),
      endorsement.endorsementHash,
    );
  }
});

test("access hashes agree with the shared vectors", () => {
  const { chainId, registry, accesses } = readVectors(
    "access.json",
    z.object({
      chainId: sizeField,
      registry: hexField,
      accesses: z
        .array(
          z.object({
            dataId: hexField,
            recordHash: hexField,
            reader: hexField,
            purpose: hexField,
            metadataHash: hexField,
            reporter: hexField,
            sequence: sizeField,
            timestamp: sizeField,
            accessHash: hexField,
          }),
        )
        .min(2),
    }),
  );
  for (const access of accesses) assert.equal(accessHash({ chainId, registry }, access), access.accessHash);
});

test("dataset ids agree with the shared vectors", () => {
  const { datasets } = readVectors(
    "dataset.json",
    z.object({
      datasets: z
        .array(
          z.object({
            namespace: z.string(),
            name: z.string(),
            namespaceId: hexField,
            nameHash: hexField,
            dataId: hexField,
          }),
        )
        .min(4),
    }),
  );
  for (const vector of datasets) {
    assert.equal(namespaceId(vector.namespace), vector.namespaceId);
    assert.equal(nameHash(vector.name), vector.nameHash);
    assert.equal(dataId(vector.namespaceId, vector.name), vector.dataId);
    assert.equal(dataIdOf(vector.namespaceId, vector.nameHash), vector.dataId);
  }
});

describe("operations", () => {
  const { operations, refused } = readVectors(
    "operation.json",
    z.object({
      operations: z.array(z.object({ name: z.string(), word: hexField })).min(8),
      refused: z.array(hexField).min(5),
    }),
  );

  test("are encoded as the shared vectors say, both ways", () => {
    for (const { name, word: expected } of operations) {
      assert.equal(encodeOperation(name), expected);
      assert.equal(decodeOperation(expected), name);
    }
    for (const name of Object.keys(OPERATIONS)) assert.equal(decodeOperation(encodeOperation(name)), name);
  });

  test("are refused where the word holds anything but one name", () => {
    for (const operation of refused) {
      assert.throws(
        () => decodeOperation(operation),
        (error) => isStemmaError(error, "INVALID_OPERATION"),
        operation,
      );
    }
    for (const name of ["", "x".repeat(32), "with space", "ü", "tab\t", "\u2028"]) {
      assert.throws(
        () => encodeOperation(name),
        (error) => isStemmaError(error, "INVALID_OPERATION"),
      );
    }
  });
});

describe("parents", () => {
  test("sorted parents always have a hash, and it doesn't depend on their order", () => {
    fc.assert(
      fc.property(fc.array(arbitraryBytes(32), { maxLength: 10 }), (parents) => {
        const sorted = sortParents([...parents, ...parents.slice(0, 2)]);
        assert.equal(new Set(sorted).size, sorted.length);
        assert.equal(parentsHash(sorted), parentsHash(sortParents(parents.toReversed())));
      }),
    );
  });

  test("refuses parents that descend or come twice, in any case of their digits", () => {
    const refused: Hex[][] = [
      [word("02"), word("01")],
      [word("01"), word("01")],
      [word("ab"), word("AB")],
      [word("01"), word("03"), word("02")],
    ];
    for (const parents of refused) {
      assert.throws(
        () => parentsHash(parents),
        (error) => isStemmaError(error, "PARENTS_NOT_ASCENDING"),
      );
    }
    assert.equal(parentsHash([word("0a"), word("AB")]), parentsHash([word("0A"), word("ab")]));
  });
});
