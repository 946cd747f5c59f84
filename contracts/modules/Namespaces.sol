// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {IProvenanceRegistry} from "../interfaces/IProvenanceRegistry.sol";

/**
 * @title Namespaces
 * @notice Who owns a namespace, and who may start datasets in it and append to them.
 *
 * {AccessManaged} and {Pausable} stand side by side so that they share a storage slot.
 */
abstract contract Namespaces is IProvenanceRegistry, AccessManaged, Pausable {
    struct Namespace {
        address owner;
        address pendingOwner;
        mapping(address account => bool) writers;
    }

    uint256 internal constant _MAX_NAMESPACE_BYTES = 512;

    mapping(bytes32 namespaceId => Namespace) private _namespaces;

    /// @inheritdoc IProvenanceRegistry
    function registerNamespace(
        string calldata namespace
    ) external whenNotPaused returns (bytes32 namespaceId) {
        uint256 length = bytes(namespace).length;
        if (length == 0 || length > _MAX_NAMESPACE_BYTES) {
            revert ProvenanceNamespaceInvalid(length, _MAX_NAMESPACE_BYTES);
        }
        namespaceId = keccak256(bytes(namespace));
        Namespace storage entry = _namespaces[namespaceId];
        if (entry.owner != address(0)) revert ProvenanceNamespaceTaken(namespaceId, entry.owner);
        entry.owner = msg.sender;
        emit NamespaceRegistered(namespaceId, msg.sender, namespace);
    }

    /// @inheritdoc IProvenanceRegistry
    function setNamespaceWriter(bytes32 namespaceId, address writer, bool allowed) external whenNotPaused {
        Namespace storage entry = _ownedNamespace(namespaceId);
        if (writer == address(0)) revert ProvenanceZeroAddress();
        entry.writers[writer] = allowed;
        emit NamespaceWriterSet(namespaceId, writer, allowed);
    }

    /// @inheritdoc IProvenanceRegistry
    function transferNamespace(bytes32 namespaceId, address to) external whenNotPaused {
        _ownedNamespace(namespaceId).pendingOwner = to;
        emit NamespaceTransferStarted(namespaceId, msg.sender, to);
    }

    /// @inheritdoc IProvenanceRegistry
    function acceptNamespace(bytes32 namespaceId) external whenNotPaused {
        Namespace storage entry = _namespaces[namespaceId];
        address from = entry.owner;
        if (from == address(0)) revert ProvenanceNamespaceUnknown(namespaceId);
        if (entry.pendingOwner != msg.sender) {
            revert ProvenanceNotPendingOwner(namespaceId, entry.pendingOwner, msg.sender);
        }
        entry.owner = msg.sender;
        delete entry.pendingOwner;
        emit NamespaceTransferred(namespaceId, from, msg.sender);
    }

    /// @inheritdoc IProvenanceRegistry
    function namespaceOwner(bytes32 namespaceId) external view returns (address owner, address pendingOwner) {
        Namespace storage entry = _namespaces[namespaceId];
        return (entry.owner, entry.pendingOwner);
    }

    /// @inheritdoc IProvenanceRegistry
    function isNamespaceWriter(bytes32 namespaceId, address account) external view returns (bool) {
        return _isNamespaceWriter(namespaceId, account);
    }

    /// @dev Reverts where the namespace is unknown or `agent` is neither its owner nor one of its writers.
    function _checkNamespaceWriter(bytes32 namespaceId, address agent) internal view {
        if (_namespaces[namespaceId].owner == address(0)) revert ProvenanceNamespaceUnknown(namespaceId);
        if (!_isNamespaceWriter(namespaceId, agent)) revert ProvenanceNotWriter(namespaceId, agent);
    }

    /// @dev The zero address never writes: nobody can be it, and an unknown namespace has it for an owner.
    function _isNamespaceWriter(bytes32 namespaceId, address account) internal view returns (bool) {
        Namespace storage entry = _namespaces[namespaceId];
        return account != address(0) && (entry.owner == account || entry.writers[account]);
    }

    function _ownedNamespace(bytes32 namespaceId) private view returns (Namespace storage entry) {
        entry = _namespaces[namespaceId];
        if (entry.owner == address(0)) revert ProvenanceNamespaceUnknown(namespaceId);
        if (entry.owner != msg.sender) revert ProvenanceNotOwner(namespaceId, entry.owner, msg.sender);
    }
}
