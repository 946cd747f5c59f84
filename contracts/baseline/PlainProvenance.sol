// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @title PlainProvenance
 * @notice The plain contract that the registry's gas is compared with, as the course page prints it, made to compile.
 *
 * WARNING: Never deploy it. It hashes the call instead of the data, checks neither signature nor caller, and bounds nothing.
 */
contract PlainProvenance {
    struct ProvenanceRecord {
        bytes32 dataHash;
        address dataOwner;
        uint256 timestamp;
        string operation;
        bytes32 previousHash;
        bytes signature;
    }

    mapping(bytes32 => ProvenanceRecord[]) public dataLineage;

    event ProvenanceRecorded(bytes32 dataId, address owner, string operation);

    function recordProvenance(bytes32 dataId, string memory operation, bytes memory signature) public {
        ProvenanceRecord memory record = ProvenanceRecord({
            dataHash: keccak256(msg.data),
            dataOwner: msg.sender,
            timestamp: block.timestamp,
            operation: operation,
            previousHash: getLatestHash(dataId),
            signature: signature
        });
        dataLineage[dataId].push(record);
        emit ProvenanceRecorded(dataId, msg.sender, operation);
    }

    function getLatestHash(bytes32 dataId) public view returns (bytes32) {
        ProvenanceRecord[] storage lineage = dataLineage[dataId];
        return lineage.length == 0 ? bytes32(0) : lineage[lineage.length - 1].dataHash;
    }
}
