// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IProvenanceRegistry} from "./interfaces/IProvenanceRegistry.sol";
import {Accesses} from "./modules/Accesses.sol";
import {Endorsements} from "./modules/Endorsements.sol";

/**
 * @title ProvenanceRegistry
 * @notice The history of datasets: see {IProvenanceRegistry}.
 *
 * The modules each hold one concern and its storage: {Namespaces} -> {Datasets} -> {Records} -> {Accesses}, {Endorsements}.
 * There is no upgrade: a new version is a new contract, and its address is part of every hash.
 */
contract ProvenanceRegistry is Accesses, Endorsements {
    /// @param initialAuthority The {AccessManager} that says who may pause and unpause.
    constructor(address initialAuthority) AccessManaged(initialAuthority) {}

    /// @inheritdoc IProvenanceRegistry
    function pause() external restricted {
        _pause();
    }

    /// @inheritdoc IProvenanceRegistry
    function unpause() external restricted {
        _unpause();
    }
}
