import { bytesToHex, concatBytes, type Hex, hexToBytes, utf8 } from "./bytes.ts";
import { keccak256 } from "./hash.ts";

/** Id of a namespace: `keccak256(bytes(namespace))`. */
export function namespaceId(namespace: string): Hex {
  return bytesToHex(keccak256(utf8(namespace)));
}

/** Hash of a dataset's name: `keccak256(bytes(name))`. The name itself need not be on chain. */
export function nameHash(name: string): Hex {
  return bytesToHex(keccak256(utf8(name)));
}

/**
 * Id of a dataset from its namespace and the hash of its name: `keccak256(abi.encode(namespaceId, nameHash))`.
 *
 * @throws INVALID_HEX
 */
export function dataIdOf(namespaceId: Hex, nameHash: Hex): Hex {
  const words = concatBytes(
    hexToBytes(namespaceId, { bytes: 32, field: "namespaceId" }),
    hexToBytes(nameHash, { bytes: 32, field: "nameHash" }),
  );
  return bytesToHex(keccak256(words));
}

/**
 * Id of the dataset `name` in a namespace.
 *
 * @throws INVALID_HEX
 * @example dataId(namespaceId("git+https://example.com/repo"), "src/main.ts")
 */
export function dataId(namespaceId: Hex, name: string): Hex {
  return dataIdOf(namespaceId, nameHash(name));
}
