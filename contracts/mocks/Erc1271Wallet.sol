// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/**
 * @title Erc1271Wallet
 * @notice A contract wallet for tests: it accepts what its owner signed, or misbehaves as told.
 */
contract Erc1271Wallet is IERC1271 {
    enum Behaviour {
        OWNER_SIGNATURE,
        REFUSE,
        REVERT,
        GARBAGE,
        SHORT_ANSWER,
        ACCEPT_ALL
    }

    address private immutable _OWNER;
    Behaviour private _behaviour;

    error WalletReverted();

    constructor(address owner) {
        _OWNER = owner;
    }

    function behave(Behaviour behaviour) external {
        _behaviour = behaviour;
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        if (_behaviour == Behaviour.REVERT) revert WalletReverted();
        if (_behaviour == Behaviour.REFUSE) return 0xffffffff;
        if (_behaviour == Behaviour.ACCEPT_ALL) return IERC1271.isValidSignature.selector;
        if (_behaviour == Behaviour.GARBAGE) _return(bytes.concat(keccak256(signature), keccak256("more")));
        if (_behaviour == Behaviour.SHORT_ANSWER) _return(bytes.concat(IERC1271.isValidSignature.selector));
        (address signer, ECDSA.RecoverError err, ) = ECDSA.tryRecoverCalldata(hash, signature);
        bool valid = err == ECDSA.RecoverError.NoError && signer == _OWNER;
        return valid ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }

    /// @dev Ends the call with exactly these bytes, which no return type could produce.
    function _return(bytes memory answer) private pure {
        assembly ("memory-safe") {
            return(add(answer, 0x20), mload(answer))
        }
    }
}
