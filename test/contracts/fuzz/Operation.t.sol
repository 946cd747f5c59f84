// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Operation} from "../../../contracts/libraries/Operation.sol";

/// @notice F10: the test of all bytes at once against one byte after the other.
contract OperationTest {
    function testFuzz_agreesOnAnyWord(bytes32 word) public pure {
        _agree(word);
    }

    /// @dev Random words are hardly ever names; this one is, but for one byte that may be anything.
    function testFuzz_agreesOnNamesWithOneByteChanged(
        bytes32 seed,
        uint8 length,
        uint8 place,
        bytes1 value
    ) public pure {
        bytes memory name = new bytes(32);
        for (uint256 i = 0; i < length % 33; ++i) name[i] = bytes1(0x21 + (uint8(seed[i]) % 94));
        _agree(bytes32(name));
        name[place % 32] = value;
        _agree(bytes32(name));
    }

    function test_agreesOnEveryByteAtEveryPlace() public pure {
        for (uint256 place = 0; place < 32; ++place) {
            for (uint256 value = 0; value < 256; ++value) {
                bytes memory name = new bytes(32);
                for (uint256 i = 0; i < place; ++i) name[i] = "A";
                name[place] = bytes1(uint8(value));
                _agree(bytes32(name));
            }
        }
    }

    function _agree(bytes32 word) private pure {
        require(Operation.isValid(word) == _naive(word), "disagreement");
    }

    function _naive(bytes32 word) private pure returns (bool) {
        uint256 length = 0;
        while (length < 32 && word[length] != 0) {
            if (word[length] < 0x21 || word[length] > 0x7e) return false;
            ++length;
        }
        for (uint256 i = length; i < 32; ++i) {
            if (word[i] != 0) return false;
        }
        return length > 0 && length < 32;
    }
}
