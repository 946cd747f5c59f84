// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IProvenanceRegistry} from "../interfaces/IProvenanceRegistry.sol";
import {Operation} from "../libraries/Operation.sol";
import {RecordHash} from "../libraries/RecordHash.sol";
import {Datasets} from "./Datasets.sol";
import {Signatures} from "./Signatures.sol";

/**
 * @title Records
 * @notice Accepts records, links each to its dataset's head, and supersedes those that a later record takes back.
 */
abstract contract Records is Datasets, Signatures {
    /// @dev All that is kept of a record: one slot.
    struct StoredRecord {
        uint40 blockNumber;
        uint32 sequence;
        uint16 policyVersion;
        Status status;
        /// @dev The leading 160 bits of `dataId`: enough to tell datasets apart, as for an address.
        bytes20 dataset;
    }

    uint256 internal constant _MAX_PARENTS = 64;
    uint256 internal constant _MAX_BATCH = 256;
    /// @dev How far a claimed time may be ahead of the block's, in seconds.
    uint256 internal constant _MAX_SKEW_SECONDS = 300;

    mapping(bytes32 recordHash => StoredRecord) private _records;

    /// @inheritdoc IProvenanceRegistry
    function recordProvenance(
        ProvenanceRecord calldata record,
        bytes32[] calldata parents
    ) external whenNotPaused returns (bytes32 recordHash) {
        return _append(record, parents, msg.sender, msg.data[:0]);
    }

    /// @inheritdoc IProvenanceRegistry
    function recordProvenanceSigned(
        ProvenanceRecord calldata record,
        bytes32[] calldata parents,
        address agent,
        bytes calldata signature
    ) external whenNotPaused returns (bytes32 recordHash) {
        return _append(record, parents, agent, signature);
    }

    /// @inheritdoc IProvenanceRegistry
    function submit(Submission calldata submission) external whenNotPaused returns (bytes32 recordHash) {
        return _submit(submission);
    }

    /// @inheritdoc IProvenanceRegistry
    function submitBatch(
        Submission[] calldata submissions
    ) external whenNotPaused returns (bytes32[] memory recordHashes) {
        uint256 count = submissions.length;
        _checkBatch(count, _MAX_BATCH);
        recordHashes = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            recordHashes[i] = _submit(submissions[i]);
        }
    }

    /// @inheritdoc IProvenanceRegistry
    function lineageLength(bytes32 dataId) external view returns (uint64) {
        return _records[_datasetAt(dataId).head].sequence;
    }

    /// @inheritdoc IProvenanceRegistry
    function verifyRecord(ProvenanceRecord calldata record) external view returns (bool) {
        return _exists(_hashRecord(record));
    }

    /// @inheritdoc IProvenanceRegistry
    function verifyLineage(
        ProvenanceRecord[] calldata path,
        bytes32[][] calldata parents
    ) external view returns (bool) {
        uint256 length = path.length;
        if (length == 0 || parents.length != length) return false;
        bytes32 current = _hashRecord(path[0]);
        for (uint256 i = 0; i < length; ++i) {
            if (!_exists(current) || RecordHash.parents(parents[i]) != path[i].parentsHash) return false;
            if (i + 1 == length) break;
            bytes32 next = _hashRecord(path[i + 1]);
            if (next != path[i].previousHash && !_contains(parents[i], next)) return false;
            current = next;
        }
        return path[length - 1].previousHash == 0 && parents[length - 1].length == 0;
    }

    function _submit(Submission calldata submission) private returns (bytes32) {
        ProvenanceRecord calldata record = submission.record;
        if (submission.namespaceId != 0 || submission.nameHash != 0) {
            _startDataset(
                record.dataId,
                submission.namespaceId,
                submission.nameHash,
                submission.name,
                record.dataOwner,
                submission.agent
            );
        } else if (bytes(submission.name).length != 0) {
            revert ProvenanceNameMismatch(0, keccak256(bytes(submission.name)));
        }
        return _append(record, submission.parents, submission.agent, submission.signature);
    }

    /// @dev The only way in. Whatever is refused reverts the transaction, so nothing is ever half-written.
    function _append(
        ProvenanceRecord calldata record,
        bytes32[] calldata parents,
        address agent,
        bytes calldata signature
    ) private returns (bytes32 recordHash) {
        bytes32 dataId = record.dataId;
        Dataset storage dataset = _datasetAt(dataId);
        address owner = dataset.owner;
        if (owner == address(0)) revert ProvenanceDatasetUnknown(dataId);
        recordHash = _hashRecord(record);
        if (_exists(recordHash)) revert ProvenanceRecordExists(recordHash);
        if (agent != owner) _checkWriter(dataId, dataset, agent);
        _checkSignature(agent, recordHash, signature);
        bytes32 head = dataset.head;
        if (record.previousHash != head) revert ProvenanceStaleHead(dataId, head, record.previousHash);
        _checkFields(record, owner);
        _checkParents(parents, record.parentsHash);

        uint32 sequence = _records[head].sequence + 1;
        dataset.head = recordHash;
        _records[recordHash] = StoredRecord({
            blockNumber: uint40(block.number),
            sequence: sequence,
            policyVersion: dataset.policyInForce ? dataset.policyVersion : 0,
            status: Status.ACTIVE,
            dataset: bytes20(dataId)
        });
        _emitRecorded(record, parents, agent, recordHash, sequence);

        Status outcome = _outcomeOf(record.operation);
        if (outcome != Status.ACTIVE) _supersede(record, parents, recordHash, outcome);
    }

    function _emitRecorded(
        ProvenanceRecord calldata record,
        bytes32[] calldata parents,
        address agent,
        bytes32 recordHash,
        uint64 sequence
    ) private {
        emit ProvenanceRecorded(
            record.dataId,
            recordHash,
            agent,
            msg.sender,
            sequence,
            record.timestamp,
            record.dataOwner,
            record.dataHash,
            record.previousHash,
            record.operation,
            record.metadataHash,
            parents
        );
    }

    /// @dev The parents where there are any, else the previous record, are what `byRecordHash` takes back.
    function _supersede(
        ProvenanceRecord calldata record,
        bytes32[] calldata parents,
        bytes32 byRecordHash,
        Status outcome
    ) private {
        if (parents.length == 0) {
            if (record.previousHash == 0) revert ProvenanceSupersedeTargetMissing(record.operation);
            _supersedeOne(record.previousHash, record.dataId, byRecordHash, outcome);
        }
        for (uint256 i = 0; i < parents.length; ++i) {
            _supersedeOne(parents[i], record.dataId, byRecordHash, outcome);
        }
    }

    /// @dev A status never goes down: what was erased stays erased, whatever is corrected later.
    function _supersedeOne(bytes32 target, bytes32 dataId, bytes32 byRecordHash, Status outcome) private {
        StoredRecord storage stored = _records[target];
        if (stored.dataset != bytes20(dataId)) revert ProvenanceSupersedeForeignRecord(target, dataId);
        Status status = stored.status > outcome ? stored.status : outcome;
        stored.status = status;
        emit RecordSuperseded(target, byRecordHash, status);
    }

    function _checkFields(ProvenanceRecord calldata record, address owner) private view {
        if (record.dataOwner != owner) revert ProvenanceWrongDataOwner(owner, record.dataOwner);
        if (record.dataHash == 0) revert ProvenanceZeroDataHash();
        if (!Operation.isValid(record.operation)) revert ProvenanceOperationInvalid(record.operation);
        _checkTimestamp(record.timestamp);
    }

    function _checkParents(bytes32[] calldata parents, bytes32 parentsHash) private view {
        uint256 count = parents.length;
        if (count > _MAX_PARENTS) revert ProvenanceTooManyParents(count, _MAX_PARENTS);
        bytes32 expected = RecordHash.parents(parents);
        if (parentsHash != expected) revert ProvenanceParentsHashMismatch(expected, parentsHash);
        for (uint256 i = 0; i < count; ++i) {
            if (i != 0 && parents[i] <= parents[i - 1]) revert ProvenanceParentsNotAscending(i);
            if (!_exists(parents[i])) revert ProvenanceParentUnknown(parents[i]);
        }
    }

    function _checkTimestamp(uint64 timestamp) internal view {
        if (timestamp == 0) revert ProvenanceTimestampZero();
        uint256 latestAllowed = block.timestamp + _MAX_SKEW_SECONDS;
        if (timestamp > latestAllowed) revert ProvenanceTimestampInFuture(timestamp, latestAllowed);
    }

    function _checkBatch(uint256 count, uint256 maxCount) internal pure {
        if (count == 0) revert ProvenanceBatchEmpty();
        if (count > maxCount) revert ProvenanceBatchTooLarge(count, maxCount);
    }

    /// @dev The record's slot; reverts where the record is unknown or belongs to another dataset.
    function _recordOf(
        bytes32 recordHash,
        bytes32 dataId
    ) internal view returns (StoredRecord memory stored) {
        stored = _records[recordHash];
        if (stored.status == Status.UNKNOWN) revert ProvenanceRecordUnknown(recordHash);
        if (stored.dataset != bytes20(dataId)) revert ProvenanceRecordNotInDataset(recordHash, dataId);
    }

    function _recordAt(bytes32 recordHash) internal view returns (StoredRecord memory) {
        return _records[recordHash];
    }

    function _exists(bytes32 recordHash) private view returns (bool) {
        return _records[recordHash].status != Status.UNKNOWN;
    }

    /// @dev Status that an operation gives to what it supersedes; ACTIVE where it supersedes nothing.
    function _outcomeOf(bytes32 operation) private pure returns (Status) {
        if (operation == Operation.CORRECT) return Status.CORRECTED;
        if (operation == Operation.REVOKE) return Status.REVOKED;
        if (operation == Operation.ERASE) return Status.ERASED;
        return Status.ACTIVE;
    }

    function _contains(bytes32[] calldata hashes, bytes32 wanted) private pure returns (bool) {
        for (uint256 i = 0; i < hashes.length; ++i) {
            if (hashes[i] == wanted) return true;
        }
        return false;
    }
}
