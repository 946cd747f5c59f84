// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ProvenanceRegistry} from "../../../contracts/ProvenanceRegistry.sol";
import {IProvenanceRegistry} from "../../../contracts/interfaces/IProvenanceRegistry.sol";
import {RegistryHandler} from "./RegistryHandler.t.sol";
import {vm} from "./Vm.sol";

/// @notice F25: what holds for the registry after any sequence of calls.
contract RegistryInvariantsTest {
    ProvenanceRegistry private _registry;
    RegistryHandler private _handler;

    function setUp() public {
        vm.warp(1_760_000_000);
        _registry = new ProvenanceRegistry(address(this));
        _handler = new RegistryHandler(_registry);
    }

    /// @dev The fuzzer calls these, and nothing else.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @notice The head is the last record accepted, and the number of records is how many were.
    function invariant_headIsTheLastRecord() public view {
        bytes32[] memory datasets = _handler.datasets();
        for (uint256 i = 0; i < datasets.length; ++i) {
            bytes32[] memory history = _handler.history(datasets[i]);
            require(_registry.lineageLength(datasets[i]) == history.length, "length");
            require(_registry.getLatestHash(datasets[i]) == history[history.length - 1], "head");
        }
    }

    /// @notice From the head back to the first record, each step is numbered one lower, and none is missing.
    function invariant_chainIsContiguous() public view {
        bytes32[] memory datasets = _handler.datasets();
        for (uint256 i = 0; i < datasets.length; ++i) {
            bytes32 current = _registry.getLatestHash(datasets[i]);
            uint64 sequence = _registry.lineageLength(datasets[i]);
            while (current != 0) {
                IProvenanceRegistry.RecordInfo memory info = _registry.recordInfo(current);
                require(info.status != IProvenanceRegistry.Status.UNKNOWN, "unknown record");
                require(info.sequence == sequence, "sequence");
                current = _handler.previousOf(current);
                --sequence;
            }
            require(sequence == 0, "gap");
        }
    }

    /// @notice No replay, stale head or forged signature ever got through.
    function invariant_nothingWronglyAccepted() public view {
        require(_handler.wronglyAccepted() == 0, "accepted");
    }
}
