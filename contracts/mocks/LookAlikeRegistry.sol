// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IProvenanceRegistry} from "../interfaces/IProvenanceRegistry.sol";

/**
 * @title LookAlikeRegistry
 * @notice For tests of readers: emits the registry's events without being the registry, well-formed and malformed.
 */
contract LookAlikeRegistry {
    /// @notice Emits a {IProvenanceRegistry-ProvenanceRecorded} that any decoder reads without complaint.
    function emitRecorded(bytes32 dataId, bytes32 recordHash) external {
        emit IProvenanceRegistry.ProvenanceRecorded(
            dataId,
            recordHash,
            msg.sender,
            msg.sender,
            1,
            uint64(block.timestamp),
            msg.sender,
            keccak256("look-alike"),
            0,
            "CREATE",
            0,
            new bytes32[](0)
        );
    }

    /// @notice Emits an event with the topics of {IProvenanceRegistry-ProvenanceRecorded} and any data at all.
    function emitMalformed(bytes32 dataId, bytes32 recordHash, bytes calldata data) external {
        _emit(dataId, recordHash, data);
    }

    /// @notice Emits an event with the registry's first topic alone: the indexed fields are missing.
    function emitWithoutTopics(bytes calldata data) external {
        bytes32 topic = IProvenanceRegistry.ProvenanceRecorded.selector;
        bytes memory copy = data;
        assembly ("memory-safe") {
            log1(add(copy, 0x20), mload(copy), topic)
        }
    }

    function _emit(bytes32 dataId, bytes32 recordHash, bytes memory data) private {
        bytes32 topic = IProvenanceRegistry.ProvenanceRecorded.selector;
        assembly ("memory-safe") {
            log4(add(data, 0x20), mload(data), topic, dataId, recordHash, caller())
        }
    }
}
