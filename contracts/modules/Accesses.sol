// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IProvenanceRegistry} from "../interfaces/IProvenanceRegistry.sol";
import {Operation} from "../libraries/Operation.sol";
import {Records} from "./Records.sol";

/**
 * @title Accesses
 * @notice The access log: who read what, when and for which purpose. It lives in events, numbered for each dataset.
 */
abstract contract Accesses is Records {
    /// @inheritdoc IProvenanceRegistry
    function recordAccesses(AccessReport[] calldata reports) external whenNotPaused {
        _checkBatch(reports.length, _MAX_BATCH);
        for (uint256 i = 0; i < reports.length; ++i) {
            _recordAccess(reports[i]);
        }
    }

    function _recordAccess(AccessReport calldata report) private {
        bytes32 dataId = report.dataId;
        Dataset storage dataset = _knownDataset(dataId);
        _checkWriter(dataId, dataset, msg.sender);
        _recordOf(report.recordHash, dataId);
        if (!Operation.isValid(report.purpose)) revert ProvenanceOperationInvalid(report.purpose);
        _checkTimestamp(report.timestamp);
        uint64 sequence = dataset.accessCount + 1;
        dataset.accessCount = sequence;
        emit AccessRecorded(
            dataId,
            report.recordHash,
            report.reader,
            _hashAccess(report, msg.sender, sequence),
            report.purpose,
            report.metadataHash,
            msg.sender,
            sequence,
            report.timestamp
        );
    }
}
