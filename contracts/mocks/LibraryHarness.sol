// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IProvenanceRegistry} from "../interfaces/IProvenanceRegistry.sol";
import {MerkleLog} from "../libraries/MerkleLog.sol";
import {Operation} from "../libraries/Operation.sol";
import {RecordHash} from "../libraries/RecordHash.sol";

/**
 * @title LibraryHarness
 * @notice Makes the internal libraries callable, for tests alone.
 */
contract LibraryHarness {
    function leafHash(bytes calldata data) external pure returns (bytes32) {
        return MerkleLog.leafHash(data);
    }

    function nodeHash(bytes32 left, bytes32 right) external view returns (bytes32) {
        return MerkleLog.nodeHash(left, right);
    }

    function verifyInclusion(
        bytes32 leaf,
        uint64 index,
        uint64 size,
        bytes32 root,
        bytes32[] calldata path
    ) external view returns (bool) {
        return MerkleLog.verifyInclusion(leaf, index, size, root, path);
    }

    function verifyConsistency(
        uint64 fromSize,
        bytes32 fromRoot,
        uint64 toSize,
        bytes32 toRoot,
        bytes32[] calldata path
    ) external view returns (bool) {
        return MerkleLog.verifyConsistency(fromSize, fromRoot, toSize, toRoot, path);
    }

    function isValidOperation(bytes32 operation) external pure returns (bool) {
        return Operation.isValid(operation);
    }

    function recordStructHash(
        IProvenanceRegistry.ProvenanceRecord calldata record
    ) external pure returns (bytes32) {
        return RecordHash.record(record);
    }

    function parentsHash(bytes32[] calldata parents) external pure returns (bytes32) {
        return RecordHash.parents(parents);
    }

    function dataId(bytes32 namespaceId, bytes32 nameHash) external pure returns (bytes32) {
        return RecordHash.dataset(namespaceId, nameHash);
    }
}
