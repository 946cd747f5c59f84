// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IProvenanceRegistry} from "../../../contracts/interfaces/IProvenanceRegistry.sol";
import {RecordHash} from "../../../contracts/libraries/RecordHash.sol";
import {vm} from "./Vm.sol";

/**
 * @title RegistryHandler
 * @notice Acts on the registry with whatever the fuzzer deals, and keeps its own book of what was accepted.
 */
contract RegistryHandler {
    uint256 private constant KEYS = 3;

    IProvenanceRegistry private _registry;
    bytes32 private _namespace;

    bytes32[] private _datasets;
    bytes32[] private _records;
    mapping(bytes32 dataId => bytes32[]) private _history;
    mapping(bytes32 recordHash => bytes32) private _previous;

    /// @notice Calls that the registry should have refused and did not.
    uint256 public wronglyAccepted;

    constructor(IProvenanceRegistry registry) {
        _registry = registry;
        _namespace = registry.registerNamespace("invariants");
    }

    function datasets() external view returns (bytes32[] memory) {
        return _datasets;
    }

    function history(bytes32 dataId) external view returns (bytes32[] memory) {
        return _history[dataId];
    }

    function previousOf(bytes32 recordHash) external view returns (bytes32) {
        return _previous[recordHash];
    }

    function start(uint256 dataSeed) public {
        bytes32 nameHash = keccak256(abi.encode(_datasets.length));
        bytes32 dataId = RecordHash.dataset(_namespace, nameHash);
        IProvenanceRegistry.Submission memory submission;
        submission.record = _record(dataId, dataSeed, "CREATE", new bytes32[](0));
        submission.agent = address(this);
        submission.namespaceId = _namespace;
        submission.nameHash = nameHash;
        bytes32 recordHash = _registry.submit(submission);
        _datasets.push(dataId);
        for (uint256 key = 1; key <= KEYS; ++key) _registry.setDatasetWriter(dataId, vm.addr(key), true);
        _note(dataId, recordHash, 0);
    }

    function append(uint256 datasetSeed, uint256 dataSeed, uint8 operationSeed, uint256 parentSeed) external {
        (
            bytes32 dataId,
            IProvenanceRegistry.ProvenanceRecord memory record,
            bytes32[] memory parents
        ) = _next(datasetSeed, dataSeed, operationSeed, parentSeed);
        _note(dataId, _registry.recordProvenance(record, parents), record.previousHash);
    }

    function appendSigned(
        uint256 datasetSeed,
        uint256 dataSeed,
        uint8 operationSeed,
        uint256 parentSeed
    ) external {
        (
            bytes32 dataId,
            IProvenanceRegistry.ProvenanceRecord memory record,
            bytes32[] memory parents
        ) = _next(datasetSeed, dataSeed, operationSeed, parentSeed);
        uint256 key = (dataSeed % KEYS) + 1;
        bytes memory signature = _sign(key, record);
        bytes32 recordHash = _registry.recordProvenanceSigned(record, parents, vm.addr(key), signature);
        _note(dataId, recordHash, record.previousHash);
        // What was accepted once must never be accepted again.
        try _registry.recordProvenanceSigned(record, parents, vm.addr(key), signature) {
            ++wronglyAccepted;
        } catch {}
    }

    function appendStale(uint256 datasetSeed, uint256 dataSeed, bytes32 previousHash) external {
        (, IProvenanceRegistry.ProvenanceRecord memory record, bytes32[] memory parents) = _next(
            datasetSeed,
            dataSeed,
            0,
            0
        );
        if (record.previousHash == previousHash) return;
        record.previousHash = previousHash;
        try _registry.recordProvenance(record, parents) {
            ++wronglyAccepted;
        } catch {}
    }

    function appendForged(uint256 datasetSeed, uint256 dataSeed, uint256 key) external {
        (, IProvenanceRegistry.ProvenanceRecord memory record, bytes32[] memory parents) = _next(
            datasetSeed,
            dataSeed,
            0,
            0
        );
        // Some key, but none of the writers'.
        uint256 forger = (key % type(uint128).max) + KEYS + 1;
        bytes memory signature = _sign(forger, record);
        try _registry.recordProvenanceSigned(record, parents, vm.addr(1), signature) {
            ++wronglyAccepted;
        } catch {}
        try _registry.recordProvenanceSigned(record, parents, vm.addr(forger), signature) {
            ++wronglyAccepted;
        } catch {}
    }

    function _next(
        uint256 datasetSeed,
        uint256 dataSeed,
        uint8 operationSeed,
        uint256 parentSeed
    )
        private
        returns (bytes32 dataId, IProvenanceRegistry.ProvenanceRecord memory record, bytes32[] memory parents)
    {
        if (_datasets.length == 0) start(dataSeed);
        dataId = _datasets[datasetSeed % _datasets.length];
        bytes32[3] memory operations = [bytes32("TRANSFORM"), "CORRECT", "ERASE"];
        bytes32 operation = operations[operationSeed % 3];
        // Only records of the dataset itself may be superseded; any may be derived from.
        bytes32[] storage candidates = operation == "TRANSFORM" ? _records : _history[dataId];
        parents = new bytes32[](parentSeed % 2);
        if (parents.length == 1) parents[0] = candidates[(parentSeed >> 1) % candidates.length];
        record = _record(dataId, dataSeed, operation, parents);
    }

    function _record(
        bytes32 dataId,
        uint256 dataSeed,
        bytes32 operation,
        bytes32[] memory parents
    ) private view returns (IProvenanceRegistry.ProvenanceRecord memory) {
        return
            IProvenanceRegistry.ProvenanceRecord({
                dataId: dataId,
                dataHash: keccak256(abi.encode(dataSeed)),
                previousHash: _registry.getLatestHash(dataId),
                parentsHash: keccak256(abi.encodePacked(parents)),
                operation: operation,
                metadataHash: 0,
                dataOwner: address(this),
                timestamp: uint64(block.timestamp)
            });
    }

    function _sign(
        uint256 key,
        IProvenanceRegistry.ProvenanceRecord memory record
    ) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, _registry.hashRecord(record));
        return abi.encodePacked(r, s, v);
    }

    function _note(bytes32 dataId, bytes32 recordHash, bytes32 previousHash) private {
        _history[dataId].push(recordHash);
        _records.push(recordHash);
        _previous[recordHash] = previousHash;
    }
}
