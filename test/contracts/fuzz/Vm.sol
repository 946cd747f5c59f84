// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice The few commands to the test runner that these tests give.
interface Vm {
    function assume(bool condition) external pure;

    function prank(address sender) external;

    function expectRevert(bytes calldata revertData) external;

    function warp(uint256 timestamp) external;

    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);

    function addr(uint256 privateKey) external pure returns (address);
}

/// @dev Address of the test runner: the last 20 bytes of `keccak256("hevm cheat code")`.
Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
