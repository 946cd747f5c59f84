// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IProvenanceRegistry} from "../interfaces/IProvenanceRegistry.sol";
import {Records} from "./Records.sol";

/**
 * @title Endorsements
 * @notice Multi-party validation: n of the m validators that were in charge when a record was accepted sign it.
 */
abstract contract Endorsements is Records {
    /// @dev Immutable once written: a change of policy is a new version.
    struct Policy {
        uint64 threshold;
        address[] validators;
        /// @dev Position in `validators`, from 1.
        mapping(address validator => uint256) position;
    }

    struct Tally {
        /// @dev Bit i stands for the validator at index i of the record's policy version.
        uint64 endorsed;
        uint64 count;
        bool validated;
    }

    uint256 internal constant _MAX_VALIDATORS = 64;

    mapping(bytes32 dataId => mapping(uint256 version => Policy)) private _policies;
    mapping(bytes32 recordHash => Tally) private _tallies;

    /// @inheritdoc IProvenanceRegistry
    function setEndorsementPolicy(
        bytes32 dataId,
        address[] calldata validators,
        uint64 threshold
    ) external whenNotPaused returns (uint64 version) {
        Dataset storage dataset = _ownedDataset(dataId);
        uint256 count = validators.length;
        if (count > _MAX_VALIDATORS || threshold > count || (threshold == 0 && count != 0)) {
            revert ProvenancePolicyInvalid(threshold, count, _MAX_VALIDATORS);
        }
        uint16 next = dataset.policyVersion + 1;
        dataset.policyVersion = next;
        dataset.policyInForce = count != 0;
        Policy storage policy = _policies[dataId][next];
        policy.threshold = threshold;
        policy.validators = validators;
        for (uint256 i = 0; i < count; ++i) {
            address validator = validators[i];
            if (validator == address(0)) revert ProvenanceZeroAddress();
            if (policy.position[validator] != 0) revert ProvenancePolicyDuplicate(dataId, validator);
            policy.position[validator] = i + 1;
        }
        emit EndorsementPolicySet(dataId, next, threshold, validators);
        return next;
    }

    /// @inheritdoc IProvenanceRegistry
    function endorse(
        bytes32 dataId,
        bytes32 recordHash,
        Endorsement[] calldata endorsements
    ) external whenNotPaused {
        _checkBatch(endorsements.length, _MAX_VALIDATORS);
        uint16 version = _recordOf(recordHash, dataId).policyVersion;
        if (version == 0) revert ProvenancePolicyNone(dataId);
        Policy storage policy = _policies[dataId][version];
        Tally memory tally = _tallies[recordHash];
        for (uint256 i = 0; i < endorsements.length; ++i) {
            _count(tally, policy, dataId, recordHash, version, endorsements[i]);
        }
        _tallies[recordHash] = tally;
    }

    /// @inheritdoc IProvenanceRegistry
    function endorsementPolicy(
        bytes32 dataId
    ) external view returns (uint64 version, uint64 threshold, address[] memory validators) {
        version = _datasetAt(dataId).policyVersion;
        Policy storage policy = _policies[dataId][version];
        return (version, policy.threshold, policy.validators);
    }

    /// @inheritdoc IProvenanceRegistry
    function recordInfo(bytes32 recordHash) external view returns (RecordInfo memory) {
        StoredRecord memory stored = _recordAt(recordHash);
        Tally memory tally = _tallies[recordHash];
        return
            RecordInfo({
                blockNumber: stored.blockNumber,
                sequence: stored.sequence,
                policyVersion: stored.policyVersion,
                status: stored.status,
                endorsementCount: tally.count,
                validated: tally.validated
            });
    }

    /// @dev Adds one endorsement to `tally`, in memory.
    function _count(
        Tally memory tally,
        Policy storage policy,
        bytes32 dataId,
        bytes32 recordHash,
        uint64 version,
        Endorsement calldata endorsement
    ) private {
        address validator = endorsement.validator;
        uint256 position = policy.position[validator];
        if (position == 0) revert ProvenanceValidatorUnknown(dataId, validator);
        uint64 bit = uint64(1 << (position - 1));
        if (tally.endorsed & bit != 0) revert ProvenanceValidatorDuplicate(recordHash, validator);
        bytes32 digest = _hashEndorsement(recordHash, validator, version);
        _checkSignature(validator, digest, endorsement.signature);
        tally.endorsed |= bit;
        tally.count += 1;
        emit RecordEndorsed(dataId, recordHash, validator, digest, version, tally.count);
        if (tally.count == policy.threshold) {
            tally.validated = true;
            emit RecordValidated(dataId, recordHash, version);
        }
    }
}
