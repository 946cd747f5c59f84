// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IProvenanceRegistry} from "../interfaces/IProvenanceRegistry.sol";
import {RecordHash} from "../libraries/RecordHash.sol";
import {Namespaces} from "./Namespaces.sol";

/**
 * @title Datasets
 * @notice Who owns a dataset and who may append to it, beside the owner and the writers of its namespace.
 */
abstract contract Datasets is Namespaces {
    /// @dev The first two slots are all that appending a record reads of a dataset.
    struct Dataset {
        bytes32 head;
        address owner;
        /// @dev Version of the latest endorsement policy, whether or not it is still in force.
        uint16 policyVersion;
        bool policyInForce;
        /// @dev Number of reads reported.
        uint64 accessCount;
        bytes32 namespaceId;
        address pendingOwner;
        mapping(address account => bool) writers;
    }

    mapping(bytes32 dataId => Dataset) private _datasets;

    /// @inheritdoc IProvenanceRegistry
    function setDatasetWriter(bytes32 dataId, address writer, bool allowed) external whenNotPaused {
        Dataset storage dataset = _ownedDataset(dataId);
        if (writer == address(0)) revert ProvenanceZeroAddress();
        dataset.writers[writer] = allowed;
        emit DatasetWriterSet(dataId, writer, allowed);
    }

    /// @inheritdoc IProvenanceRegistry
    function transferDataset(bytes32 dataId, address to) external whenNotPaused {
        _ownedDataset(dataId).pendingOwner = to;
        emit DatasetTransferStarted(dataId, msg.sender, to);
    }

    /// @inheritdoc IProvenanceRegistry
    function acceptDataset(bytes32 dataId) external whenNotPaused {
        Dataset storage dataset = _knownDataset(dataId);
        if (dataset.pendingOwner != msg.sender) {
            revert ProvenanceNotPendingOwner(dataId, dataset.pendingOwner, msg.sender);
        }
        address from = dataset.owner;
        dataset.owner = msg.sender;
        delete dataset.pendingOwner;
        emit DatasetTransferred(dataId, from, msg.sender);
    }

    /// @inheritdoc IProvenanceRegistry
    function getLatestHash(bytes32 dataId) external view returns (bytes32 recordHash) {
        return _datasets[dataId].head;
    }

    /// @inheritdoc IProvenanceRegistry
    function datasetOwner(
        bytes32 dataId
    ) external view returns (address owner, address pendingOwner, bytes32 namespaceId) {
        Dataset storage dataset = _datasets[dataId];
        return (dataset.owner, dataset.pendingOwner, dataset.namespaceId);
    }

    /// @inheritdoc IProvenanceRegistry
    function isWriter(bytes32 dataId, address account) external view returns (bool) {
        return _isWriter(_datasets[dataId], account);
    }

    /// @dev Brings a dataset into being for `agent`, who has to own or write the namespace.
    function _startDataset(
        bytes32 dataId,
        bytes32 namespaceId,
        bytes32 nameHash,
        string calldata name,
        address owner,
        address agent
    ) internal {
        Dataset storage dataset = _datasets[dataId];
        if (dataset.owner != address(0)) revert ProvenanceDatasetStartUnexpected(dataId, namespaceId);
        bytes32 expected = RecordHash.dataset(namespaceId, nameHash);
        if (dataId != expected) revert ProvenanceDatasetMismatch(expected, dataId);
        if (bytes(name).length != 0 && keccak256(bytes(name)) != nameHash) {
            revert ProvenanceNameMismatch(nameHash, keccak256(bytes(name)));
        }
        _checkNamespaceWriter(namespaceId, agent);
        if (owner == address(0)) revert ProvenanceZeroAddress();
        dataset.owner = owner;
        dataset.namespaceId = namespaceId;
        emit DatasetStarted(dataId, namespaceId, owner, nameHash, name);
    }

    function _knownDataset(bytes32 dataId) internal view returns (Dataset storage dataset) {
        dataset = _datasets[dataId];
        if (dataset.owner == address(0)) revert ProvenanceDatasetUnknown(dataId);
    }

    function _ownedDataset(bytes32 dataId) internal view returns (Dataset storage dataset) {
        dataset = _knownDataset(dataId);
        if (dataset.owner != msg.sender) revert ProvenanceNotOwner(dataId, dataset.owner, msg.sender);
    }

    function _datasetAt(bytes32 dataId) internal view returns (Dataset storage) {
        return _datasets[dataId];
    }

    function _checkWriter(bytes32 dataId, Dataset storage dataset, address agent) internal view {
        if (!_isWriter(dataset, agent)) revert ProvenanceNotWriter(dataId, agent);
    }

    /// @dev Cheapest first: an owner costs nothing beyond the slot that every record reads.
    function _isWriter(Dataset storage dataset, address account) private view returns (bool) {
        if (account == address(0)) return false;
        return
            dataset.owner == account ||
            dataset.writers[account] ||
            _isNamespaceWriter(dataset.namespaceId, account);
    }
}
