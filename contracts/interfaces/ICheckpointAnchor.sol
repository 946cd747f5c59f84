// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @title ICheckpointAnchor
 * @notice Keeps the checkpoints of append-only Merkle logs (RFC 6962, SHA-256), and refuses any that rewrites history.
 *
 * A log is named by `logId`, the SHA-256 of its origin. The contract itself checks the RFC 9162 consistency proof from the
 * last anchored checkpoint, and the epoch of a log never goes down, so a deposed leader is refused.
 */
interface ICheckpointAnchor {
    struct Checkpoint {
        /// @dev Number of entries; zero before the first anchor.
        uint64 size;
        /// @dev Term of the leader that anchored it.
        uint64 epoch;
        /// @dev Block that anchored it.
        uint64 blockNumber;
        bytes32 root;
    }

    event LogRegistered(bytes32 indexed logId, address indexed operator, string origin);
    event LogOperatorSet(bytes32 indexed logId, address indexed from, address indexed to);
    event CheckpointAnchored(
        bytes32 indexed logId,
        uint64 indexed size,
        bytes32 root,
        uint64 epoch,
        uint64 previousSize,
        bytes32 previousRoot
    );

    /// @notice The epoch rose without a new checkpoint.
    event LogEpochRaised(bytes32 indexed logId, uint64 from, uint64 to);

    error AnchorLogExists(bytes32 logId);
    error AnchorLogUnknown(bytes32 logId);
    error AnchorOriginInvalid(uint256 length);
    error AnchorZeroOperator();
    error AnchorNotOperator(bytes32 logId, address operator, address caller);
    error AnchorEpochTooLow(bytes32 logId, uint64 current, uint64 given);
    error AnchorSizeNotGreater(bytes32 logId, uint64 current, uint64 given);
    error AnchorRootConflict(bytes32 logId, uint64 size, bytes32 anchored, bytes32 given);
    error AnchorZeroRoot(bytes32 logId);
    error AnchorInconsistent(bytes32 logId, uint64 fromSize, uint64 toSize);

    /// @notice Registers a log under the SHA-256 of `origin`; `operator` alone may anchor. Restricted.
    function registerLog(string calldata origin, address operator) external returns (bytes32 logId);

    /// @notice Hands a log to another operator. Restricted.
    function setOperator(bytes32 logId, address operator) external;

    /// @notice Anchors a checkpoint after checking its consistency with the last one. The same checkpoint twice, under the
    /// same epoch or a higher one, changes nothing but the epoch.
    /// @param proof RFC 9162 consistency proof from the last anchored size; empty for the first anchor.
    function anchor(
        bytes32 logId,
        uint64 epoch,
        uint64 size,
        bytes32 root,
        bytes32[] calldata proof
    ) external;

    /// @notice Raises the epoch without a checkpoint, so that a new leader fences the old one at once.
    function raiseEpoch(bytes32 logId, uint64 epoch) external;

    function pause() external;

    function unpause() external;

    function latest(bytes32 logId) external view returns (Checkpoint memory);

    function operatorOf(bytes32 logId) external view returns (address);

    /// @notice Root anchored for exactly this size; zero where that size was never anchored.
    function rootAt(bytes32 logId, uint64 size) external view returns (bytes32);

    /// @notice True where `leafData` stands at `index` of the tree anchored with `size`.
    /// @param leafData The kind byte followed by the 32-byte hash.
    function verifyInclusion(
        bytes32 logId,
        uint64 size,
        uint64 index,
        bytes calldata leafData,
        bytes32[] calldata proof
    ) external view returns (bool);

    /// @notice True where the tree of `toSize` with `toRoot` extends the tree anchored with `fromSize`.
    function verifyConsistency(
        bytes32 logId,
        uint64 fromSize,
        uint64 toSize,
        bytes32 toRoot,
        bytes32[] calldata proof
    ) external view returns (bool);
}
