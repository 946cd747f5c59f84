// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @title MerkleLog
 * @notice Proofs of the append-only SHA-256 Merkle tree of RFC 6962, checked as RFC 9162 says.
 *
 * A proof of the wrong length fails; none is ever cut short or padded. One that is longer than any tree of 2^64 - 1 leaves needs
 * is refused before anything is hashed.
 */
library MerkleLog {
    /// @dev Siblings from a leaf to the root of a tree of 2^64 - 1 leaves.
    uint256 internal constant MAX_INCLUSION_PATH = 64;
    /// @dev The same, and the node that both trees share at the start.
    uint256 internal constant MAX_CONSISTENCY_PATH = 65;

    /// @notice SHA-256(0x00 || data).
    function leafHash(bytes calldata data) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x00), data));
    }

    /// @notice SHA-256(0x01 || left || right).
    function nodeHash(bytes32 left, bytes32 right) internal view returns (bytes32 node) {
        // Memory-safe: 65 bytes are written past the free memory pointer and not used again, the result goes to the scratch space.
        // The precompile at 0x02 fails only for want of gas; then so does the transaction. Against `sha256(abi.encodePacked(...))` it
        // saves 5 % of an anchor (test/contracts/snapshots/gas.json).
        assembly ("memory-safe") {
            let preimage := mload(0x40)
            mstore8(preimage, 0x01)
            mstore(add(preimage, 0x01), left)
            mstore(add(preimage, 0x21), right)
            if iszero(staticcall(gas(), 0x02, preimage, 0x41, 0x00, 0x20)) {
                revert(0x00, 0x00)
            }
            node := mload(0x00)
        }
    }

    /// @notice True where `path` leads from the leaf at `index` to the root of the tree of `size` leaves.
    /// Source: RFC 9162, section 2.1.3.2.
    function verifyInclusion(
        bytes32 leaf,
        uint64 index,
        uint64 size,
        bytes32 root,
        bytes32[] calldata path
    ) internal view returns (bool) {
        if (index >= size || path.length > MAX_INCLUSION_PATH) return false;
        uint256 fn = index;
        uint256 sn = size - 1;
        bytes32 node = leaf;
        for (uint256 i = 0; i < path.length; ++i) {
            if (sn == 0) return false;
            if (fn & 1 == 1 || fn == sn) {
                node = nodeHash(path[i], node);
                while (fn & 1 == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                node = nodeHash(node, path[i]);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && node == root;
    }

    /// @notice True where the tree of `toSize` extends the tree of `fromSize`. An empty tree is no start.
    /// Source: RFC 9162, section 2.1.4.2.
    function verifyConsistency(
        uint64 fromSize,
        bytes32 fromRoot,
        uint64 toSize,
        bytes32 toRoot,
        bytes32[] calldata path
    ) internal view returns (bool) {
        if (fromSize == 0 || fromSize > toSize || path.length > MAX_CONSISTENCY_PATH) return false;
        if (fromSize == toSize) return path.length == 0 && fromRoot == toRoot;
        if (path.length == 0) return false;
        return _climb(fromSize, fromRoot, toSize, toRoot, path);
    }

    function _climb(
        uint64 fromSize,
        bytes32 fromRoot,
        uint64 toSize,
        bytes32 toRoot,
        bytes32[] calldata path
    ) private view returns (bool) {
        uint256 fn = fromSize - 1;
        uint256 sn = toSize - 1;
        while (fn & 1 == 1) {
            fn >>= 1;
            sn >>= 1;
        }
        // Where the old tree is a perfect one, its root is the node that both share, and the proof leaves it out.
        bool perfect = fn == 0;
        bytes32 fr = perfect ? fromRoot : path[0];
        bytes32 sr = fr;
        for (uint256 i = perfect ? 0 : 1; i < path.length; ++i) {
            if (sn == 0) return false;
            if (fn & 1 == 1 || fn == sn) {
                fr = nodeHash(path[i], fr);
                sr = nodeHash(path[i], sr);
                while (fn & 1 == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                sr = nodeHash(sr, path[i]);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && fr == fromRoot && sr == toRoot;
    }
}
