// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IProvenanceRegistry} from "../interfaces/IProvenanceRegistry.sol";
import {RecordHash} from "../libraries/RecordHash.sol";

/**
 * @title Signatures
 * @notice The EIP-712 digests of the registry, and who counts as their signer.
 */
abstract contract Signatures is IProvenanceRegistry, EIP712 {
    /// @dev Room for the blobs of multi-signature wallets; beyond it, calldata would only serve to burn gas.
    uint256 internal constant _MAX_SIGNATURE_BYTES = 1024;

    constructor() EIP712("Stemma", "1") {}

    /// @inheritdoc IProvenanceRegistry
    function schemaVersion() external pure returns (uint64) {
        return 1;
    }

    /// @inheritdoc IProvenanceRegistry
    function hashRecord(ProvenanceRecord calldata record) external view returns (bytes32) {
        return _hashRecord(record);
    }

    /// @inheritdoc IProvenanceRegistry
    function hashEndorsement(
        bytes32 recordHash,
        address validator,
        uint64 policyVersion
    ) external view returns (bytes32) {
        return _hashEndorsement(recordHash, validator, policyVersion);
    }

    /// @inheritdoc IProvenanceRegistry
    function hashAccess(
        AccessReport calldata report,
        address reporter,
        uint64 sequence
    ) external view returns (bytes32) {
        return _hashAccess(report, reporter, sequence);
    }

    function _hashRecord(ProvenanceRecord calldata record) internal view returns (bytes32) {
        return _hashTypedDataV4(RecordHash.record(record));
    }

    function _hashEndorsement(
        bytes32 recordHash,
        address validator,
        uint64 policyVersion
    ) internal view returns (bytes32) {
        return _hashTypedDataV4(RecordHash.endorsement(recordHash, validator, policyVersion));
    }

    function _hashAccess(
        AccessReport calldata report,
        address reporter,
        uint64 sequence
    ) internal view returns (bytes32) {
        return _hashTypedDataV4(RecordHash.access(report, reporter, sequence));
    }

    /// @dev Reverts unless `signer` agreed to `digest`: by a signature (ECDSA with a low s, or ERC-1271), or by calling.
    function _checkSignature(address signer, bytes32 digest, bytes calldata signature) internal view {
        if (signature.length == 0) {
            if (signer != msg.sender) revert ProvenanceSignatureMissing(signer, msg.sender);
            return;
        }
        if (signature.length > _MAX_SIGNATURE_BYTES) {
            revert ProvenanceSignatureTooLong(signature.length, _MAX_SIGNATURE_BYTES);
        }
        if (!_isSignedBy(signer, digest, signature)) revert ProvenanceSignatureInvalid(signer, digest);
    }

    /// @dev Recovery comes first: it spares a key's signature the look-up of the account's code, and a contract can't be the
    /// address of a key. An account with delegated code (EIP-7702) may sign with its key or as its code says.
    function _isSignedBy(
        address signer,
        bytes32 digest,
        bytes calldata signature
    ) private view returns (bool) {
        (address recovered, ECDSA.RecoverError failure, ) = ECDSA.tryRecoverCalldata(digest, signature);
        if (failure == ECDSA.RecoverError.NoError && recovered == signer) return true;
        return SignatureChecker.isValidERC1271SignatureNowCalldata(signer, digest, signature);
    }
}
