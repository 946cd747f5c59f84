// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IProvenanceRegistry} from "../interfaces/IProvenanceRegistry.sol";

/**
 * @title RecordHash
 * @notice EIP-712 struct hashes of what agents, validators and reporters commit to, and the identity of a dataset.
 */
library RecordHash {
    bytes32 internal constant RECORD_TYPEHASH = keccak256(
        "ProvenanceRecord(bytes32 dataId,bytes32 dataHash,bytes32 previousHash,bytes32 parentsHash,bytes32 operation,bytes32 metadataHash,address dataOwner,uint64 timestamp)"
    );
    bytes32 internal constant ACCESS_TYPEHASH = keccak256(
        "AccessRecord(bytes32 dataId,bytes32 recordHash,bytes32 reader,bytes32 purpose,bytes32 metadataHash,address reporter,uint64 sequence,uint64 timestamp)"
    );
    bytes32 internal constant ENDORSEMENT_TYPEHASH = keccak256(
        "Endorsement(bytes32 recordHash,address validator,uint64 policyVersion)"
    );

    /// @notice `parentsHash` of a record without parents.
    bytes32 internal constant NO_PARENTS_HASH = keccak256("");

    function record(IProvenanceRegistry.ProvenanceRecord calldata fields) internal pure returns (bytes32) {
        return keccak256(abi.encode(RECORD_TYPEHASH, fields));
    }

    function access(
        IProvenanceRegistry.AccessReport calldata report,
        address reporter,
        uint64 sequence
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    ACCESS_TYPEHASH,
                    report.dataId,
                    report.recordHash,
                    report.reader,
                    report.purpose,
                    report.metadataHash,
                    reporter,
                    sequence,
                    report.timestamp
                )
            );
    }

    function endorsement(
        bytes32 recordHash,
        address validator,
        uint64 policyVersion
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(ENDORSEMENT_TYPEHASH, recordHash, validator, policyVersion));
    }

    /// @notice Commitment to an ascending list of parents, whose order the caller checks.
    function parents(bytes32[] calldata hashes) internal pure returns (bytes32) {
        return hashes.length == 0 ? NO_PARENTS_HASH : keccak256(abi.encodePacked(hashes));
    }

    function dataset(bytes32 namespaceId, bytes32 nameHash) internal pure returns (bytes32) {
        return keccak256(abi.encode(namespaceId, nameHash));
    }
}
