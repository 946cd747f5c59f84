// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @title Operation
 * @notice Names of operations and purposes: 1 to 31 printable ASCII bytes (0x21 to 0x7e), left-aligned, padded with zeros.
 */
library Operation {
    bytes32 internal constant CORRECT = "CORRECT";
    bytes32 internal constant REVOKE = "REVOKE";
    bytes32 internal constant ERASE = "ERASE";

    uint256 private constant _ONES = 0x0101010101010101010101010101010101010101010101010101010101010101;
    uint256 private constant _HIGH_BITS = 0x80 * _ONES;

    /// @notice True where `operation` is a well-formed name.
    function isValid(bytes32 operation) internal pure returns (bool) {
        uint256 word = uint256(operation);
        // From here on every byte is at most 0x7f.
        if (word & _HIGH_BITS != 0) return false;
        // All bytes are tested at once. No sum of two bytes exceeds 0x7f + 0x7f = 0xfe, so nothing is carried from one byte to
        // the next and nothing overflows. The high bit of a byte is then set where the byte is
        unchecked {
            uint256 nonZero = (word + 0x7f * _ONES) & _HIGH_BITS; // at least 0x01,
            uint256 visible = (word + 0x5f * _ONES) & _HIGH_BITS; // at least 0x21,
            uint256 deleted = (word + _ONES) & _HIGH_BITS; // 0x7f (DEL).
            return
                nonZero == visible &&
                deleted == 0 &&
                nonZero >> 255 == 1 && // the first byte is there,
                (nonZero << 8) & ~nonZero == 0 && // none follows a zero,
                word & 0xff == 0; // and the last is padding.
        }
    }
}
