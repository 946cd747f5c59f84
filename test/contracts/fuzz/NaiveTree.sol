// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @title NaiveTree
 * @notice The tree of RFC 9162 word by word, recursive and slow: the twin that {MerkleLog} is tested against.
 */
library NaiveTree {
    /// @notice MTH(D[n]), section 2.1.1, over leaf hashes.
    function root(bytes32[] memory leaves) internal pure returns (bytes32) {
        if (leaves.length == 0) return sha256("");
        if (leaves.length == 1) return leaves[0];
        uint256 k = _split(leaves.length);
        bytes32 left = root(_slice(leaves, 0, k));
        return sha256(bytes.concat(bytes1(0x01), left, root(_slice(leaves, k, leaves.length))));
    }

    /// @notice PATH(m, D[n]), section 2.1.3.1.
    function path(uint256 m, bytes32[] memory leaves) internal pure returns (bytes32[] memory) {
        if (leaves.length == 1) return new bytes32[](0);
        uint256 k = _split(leaves.length);
        bytes32[] memory left = _slice(leaves, 0, k);
        bytes32[] memory right = _slice(leaves, k, leaves.length);
        return m < k ? _append(path(m, left), root(right)) : _append(path(m - k, right), root(left));
    }

    /// @notice PROOF(m, D[n]), section 2.1.4.1.
    function proof(uint256 m, bytes32[] memory leaves) internal pure returns (bytes32[] memory) {
        return _subproof(m, leaves, true);
    }

    /// @notice The first `count` leaves.
    function first(bytes32[] memory leaves, uint256 count) internal pure returns (bytes32[] memory) {
        return _slice(leaves, 0, count);
    }

    function _subproof(
        uint256 m,
        bytes32[] memory leaves,
        bool whole
    ) private pure returns (bytes32[] memory) {
        if (m == leaves.length) {
            return whole ? new bytes32[](0) : _append(new bytes32[](0), root(leaves));
        }
        uint256 k = _split(leaves.length);
        bytes32[] memory left = _slice(leaves, 0, k);
        bytes32[] memory right = _slice(leaves, k, leaves.length);
        return
            m <= k
                ? _append(_subproof(m, left, whole), root(right))
                : _append(_subproof(m - k, right, false), root(left));
    }

    /// @dev The largest power of two smaller than `n`.
    function _split(uint256 n) private pure returns (uint256 k) {
        k = 1;
        while (k * 2 < n) k *= 2;
    }

    function _slice(
        bytes32[] memory leaves,
        uint256 from,
        uint256 to
    ) private pure returns (bytes32[] memory part) {
        part = new bytes32[](to - from);
        for (uint256 i = from; i < to; ++i) part[i - from] = leaves[i];
    }

    function _append(bytes32[] memory list, bytes32 last) private pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i = 0; i < list.length; ++i) longer[i] = list[i];
        longer[list.length] = last;
    }
}
