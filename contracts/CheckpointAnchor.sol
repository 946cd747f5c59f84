// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ICheckpointAnchor} from "./interfaces/ICheckpointAnchor.sol";
import {MerkleLog} from "./libraries/MerkleLog.sol";

/**
 * @title CheckpointAnchor
 * @notice The checkpoints of append-only logs: see {ICheckpointAnchor}.
 */
contract CheckpointAnchor is ICheckpointAnchor, AccessManaged, Pausable {
    struct Log {
        address operator;
        uint64 epoch;
        uint64 size;
        uint64 blockNumber;
        mapping(uint64 size => bytes32) roots;
    }

    uint256 internal constant _MAX_ORIGIN_BYTES = 512;

    mapping(bytes32 logId => Log) private _logs;

    /// @param initialAuthority The {AccessManager} that says who may register logs, name operators, pause and unpause.
    constructor(address initialAuthority) AccessManaged(initialAuthority) {}

    /// @inheritdoc ICheckpointAnchor
    function registerLog(
        string calldata origin,
        address operator
    ) external restricted whenNotPaused returns (bytes32 logId) {
        uint256 length = bytes(origin).length;
        if (length == 0 || length > _MAX_ORIGIN_BYTES) revert AnchorOriginInvalid(length);
        if (operator == address(0)) revert AnchorZeroOperator();
        logId = sha256(bytes(origin));
        if (_logs[logId].operator != address(0)) revert AnchorLogExists(logId);
        _logs[logId].operator = operator;
        emit LogRegistered(logId, operator, origin);
    }

    /// @inheritdoc ICheckpointAnchor
    function setOperator(bytes32 logId, address operator) external restricted whenNotPaused {
        address from = _logs[logId].operator;
        if (from == address(0)) revert AnchorLogUnknown(logId);
        if (operator == address(0)) revert AnchorZeroOperator();
        _logs[logId].operator = operator;
        emit LogOperatorSet(logId, from, operator);
    }

    /// @inheritdoc ICheckpointAnchor
    function anchor(
        bytes32 logId,
        uint64 epoch,
        uint64 size,
        bytes32 root,
        bytes32[] calldata proof
    ) external whenNotPaused {
        Log storage log = _operatedLog(logId, epoch);
        if (root == 0) revert AnchorZeroRoot(logId);
        uint64 fromSize = log.size;
        bytes32 fromRoot = log.roots[fromSize];
        if (size < fromSize || size == 0) revert AnchorSizeNotGreater(logId, fromSize, size);
        if (size == fromSize) {
            if (root != fromRoot) revert AnchorRootConflict(logId, size, fromRoot, root);
            if (proof.length != 0) revert AnchorInconsistent(logId, fromSize, size);
            _setEpoch(log, logId, epoch);
            return;
        }
        bool consistent =
            fromSize == 0
                ? proof.length == 0
                : MerkleLog.verifyConsistency(fromSize, fromRoot, size, root, proof);
        if (!consistent) revert AnchorInconsistent(logId, fromSize, size);
        if (epoch != log.epoch) log.epoch = epoch;
        log.size = size;
        log.blockNumber = uint64(block.number);
        log.roots[size] = root;
        emit CheckpointAnchored(logId, size, root, epoch, fromSize, fromRoot);
    }

    /// @inheritdoc ICheckpointAnchor
    function raiseEpoch(bytes32 logId, uint64 epoch) external whenNotPaused {
        _setEpoch(_operatedLog(logId, epoch), logId, epoch);
    }

    /// @inheritdoc ICheckpointAnchor
    function pause() external restricted {
        _pause();
    }

    /// @inheritdoc ICheckpointAnchor
    function unpause() external restricted {
        _unpause();
    }

    /// @inheritdoc ICheckpointAnchor
    function latest(bytes32 logId) external view returns (Checkpoint memory) {
        Log storage log = _logs[logId];
        uint64 size = log.size;
        return
            Checkpoint({size: size, epoch: log.epoch, blockNumber: log.blockNumber, root: log.roots[size]});
    }

    /// @inheritdoc ICheckpointAnchor
    function operatorOf(bytes32 logId) external view returns (address) {
        return _logs[logId].operator;
    }

    /// @inheritdoc ICheckpointAnchor
    function rootAt(bytes32 logId, uint64 size) external view returns (bytes32) {
        return _logs[logId].roots[size];
    }

    /// @inheritdoc ICheckpointAnchor
    function verifyInclusion(
        bytes32 logId,
        uint64 size,
        uint64 index,
        bytes calldata leafData,
        bytes32[] calldata proof
    ) external view returns (bool) {
        bytes32 root = _logs[logId].roots[size];
        return root != 0 && MerkleLog.verifyInclusion(MerkleLog.leafHash(leafData), index, size, root, proof);
    }

    /// @inheritdoc ICheckpointAnchor
    function verifyConsistency(
        bytes32 logId,
        uint64 fromSize,
        uint64 toSize,
        bytes32 toRoot,
        bytes32[] calldata proof
    ) external view returns (bool) {
        bytes32 fromRoot = _logs[logId].roots[fromSize];
        return fromRoot != 0 && MerkleLog.verifyConsistency(fromSize, fromRoot, toSize, toRoot, proof);
    }

    /// @dev The log, where the caller operates it and was not deposed by a later epoch.
    function _operatedLog(bytes32 logId, uint64 epoch) private view returns (Log storage log) {
        log = _logs[logId];
        if (log.operator == address(0)) revert AnchorLogUnknown(logId);
        if (log.operator != msg.sender) revert AnchorNotOperator(logId, log.operator, msg.sender);
        if (epoch < log.epoch) revert AnchorEpochTooLow(logId, log.epoch, epoch);
    }

    function _setEpoch(Log storage log, bytes32 logId, uint64 epoch) private {
        uint64 from = log.epoch;
        if (epoch == from) return;
        log.epoch = epoch;
        emit LogEpochRaised(logId, from, epoch);
    }
}
