// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LibraryHarness} from "../../../contracts/mocks/LibraryHarness.sol";
import {NaiveTree} from "./NaiveTree.sol";

/// @notice F15, F16: {MerkleLog} against the tree of RFC 9162 written down word by word.
contract MerkleLogTest {
    uint256 private constant MAX_SIZE = 48;

    LibraryHarness private _log;

    function setUp() public {
        _log = new LibraryHarness();
    }

    /// @dev Distinct leaves, as real entries are.
    function _leaves(uint256 seed, uint256 size) private view returns (bytes32[] memory leaves) {
        leaves = new bytes32[](size);
        for (uint256 i = 0; i < size; ++i) leaves[i] = _log.leafHash(abi.encode(seed, i));
    }

    function testFuzz_acceptsEveryInclusionProof(uint256 seed, uint8 sizeSeed, uint8 indexSeed) public view {
        uint64 size = uint64(sizeSeed % MAX_SIZE) + 1;
        uint64 index = indexSeed % size;
        bytes32[] memory leaves = _leaves(seed, size);
        bytes32[] memory path = NaiveTree.path(index, leaves);
        require(_log.verifyInclusion(leaves[index], index, size, NaiveTree.root(leaves), path), "refused");
    }

    function testFuzz_refusesAnInclusionProofWithAnythingChanged(
        uint256 seed,
        uint8 sizeSeed,
        uint8 indexSeed,
        uint256 change
    ) public view {
        uint64 size = uint64(sizeSeed % MAX_SIZE) + 1;
        uint64 index = indexSeed % size;
        bytes32[] memory leaves = _leaves(seed, size);
        bytes32[] memory path = NaiveTree.path(index, leaves);
        bytes32 root = NaiveTree.root(leaves);
        bytes32 bit = bytes32(1 << (change >> 8) % 256);
        bytes32 leaf = leaves[index];
        uint64 other = uint64((change >> 16) % size);
        require(!_log.verifyInclusion(leaf ^ bit, index, size, root, path), "leaf");
        require(!_log.verifyInclusion(leaf, index, size, root ^ bit, path), "root");
        require(!_log.verifyInclusion(leaf, size, size, root, path), "index beyond");
        require(other == index || !_log.verifyInclusion(leaf, other, size, root, path), "index");
        require(!_log.verifyInclusion(leaf, index, size, root, _longer(path, bit)), "longer");
        if (path.length > 0) {
            require(
                !_log.verifyInclusion(leaf, index, size, root, NaiveTree.first(path, path.length - 1)),
                "shorter"
            );
            path[change % path.length] ^= bit;
            require(!_log.verifyInclusion(leaf, index, size, root, path), "path");
        }
    }

    function testFuzz_acceptsEveryConsistencyProof(uint256 seed, uint8 fromSeed, uint8 toSeed) public view {
        uint64 toSize = uint64(toSeed % MAX_SIZE) + 1;
        uint64 fromSize = (fromSeed % toSize) + 1;
        bytes32[] memory leaves = _leaves(seed, toSize);
        bytes32 fromRoot = NaiveTree.root(NaiveTree.first(leaves, fromSize));
        bytes32[] memory path = NaiveTree.proof(fromSize, leaves);
        require(_log.verifyConsistency(fromSize, fromRoot, toSize, NaiveTree.root(leaves), path), "refused");
    }

    function testFuzz_refusesARewrittenHistory(
        uint256 seed,
        uint8 fromSeed,
        uint8 toSeed,
        uint256 change
    ) public view {
        uint64 toSize = uint64(toSeed % MAX_SIZE) + 1;
        uint64 fromSize = (fromSeed % toSize) + 1;
        bytes32[] memory leaves = _leaves(seed, toSize);
        bytes32 fromRoot = NaiveTree.root(NaiveTree.first(leaves, fromSize));
        bytes32[] memory honest = NaiveTree.proof(fromSize, leaves);
        bytes32 honestRoot = NaiveTree.root(leaves);
        // One entry that the first tree holds is another in the second one.
        leaves[change % fromSize] = keccak256(abi.encode(change));
        bytes32 root = NaiveTree.root(leaves);
        require(!_log.verifyConsistency(fromSize, fromRoot, toSize, root, honest), "honest proof");
        require(
            !_log.verifyConsistency(fromSize, fromRoot, toSize, root, NaiveTree.proof(fromSize, leaves)),
            "forged proof"
        );
        require(!_log.verifyConsistency(0, fromRoot, toSize, honestRoot, honest), "from nothing");
        require(
            !_log.verifyConsistency(fromSize, fromRoot, toSize, honestRoot, _longer(honest, root)),
            "longer"
        );
        if (honest.length > 0) {
            bytes32[] memory shorter = NaiveTree.first(honest, honest.length - 1);
            require(!_log.verifyConsistency(fromSize, fromRoot, toSize, honestRoot, shorter), "shorter");
        }
    }

    function testFuzz_neverAcceptsNorBreaksOnNonsense(
        bytes32 leaf,
        uint64 index,
        uint64 size,
        bytes32 root,
        bytes32[] memory path
    ) public view {
        bool trivial = index == 0 && size == 1 && leaf == root && path.length == 0;
        require(trivial || !_log.verifyInclusion(leaf, index, size, root, path), "inclusion");
        bool same = index == size && index != 0 && leaf == root && path.length == 0;
        require(same || !_log.verifyConsistency(index, leaf, size, root, path), "consistency");
    }

    function testFuzz_hashesAsTheRfcSays(bytes memory data, bytes32 left, bytes32 right) public view {
        require(_log.leafHash(data) == sha256(bytes.concat(bytes1(0x00), data)), "leaf");
        require(_log.nodeHash(left, right) == sha256(bytes.concat(bytes1(0x01), left, right)), "node");
    }

    function _longer(bytes32[] memory path, bytes32 last) private pure returns (bytes32[] memory longer) {
        longer = new bytes32[](path.length + 1);
        for (uint256 i = 0; i < path.length; ++i) longer[i] = path[i];
        longer[path.length] = last;
    }
}
