// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @title IProvenanceRegistry
 * @notice Holds the history of datasets: who did what to which data, from which parents, under which signature.
 *
 * A record's identity is its EIP-712 digest (`recordHash`), bound to chain, contract and every field. Storage keeps only a
 * dataset's head, its owner and one slot for each record; the fields themselves are in the events, from which the whole state
 * can be rebuilt.
 */
interface IProvenanceRegistry {
    /// @notice One step in the history of a dataset. This is the EIP-712 struct that agents sign.
    struct ProvenanceRecord {
        /// @dev The dataset: `keccak256(abi.encode(namespaceId, nameHash))`.
        bytes32 dataId;
        /// @dev Digest of the data's bytes, or a salted commitment where they are personal. Never zero.
        bytes32 dataHash;
        /// @dev The head that the agent saw; zero for a dataset's first record.
        bytes32 previousHash;
        /// @dev `keccak256` of the packed, strictly ascending parent record hashes; `keccak256("")` where there are none.
        bytes32 parentsHash;
        /// @dev At most 31 printable ASCII bytes, left-aligned and padded with zeros.
        bytes32 operation;
        /// @dev Salted commitment to metadata that is kept off chain; zero where there is none.
        bytes32 metadataHash;
        /// @dev Owner of the dataset when the record was made.
        address dataOwner;
        /// @dev Time that the agent claims, in seconds since 1970.
        uint64 timestamp;
    }

    /// @notice A record with all that is needed to accept it.
    struct Submission {
        ProvenanceRecord record;
        /// @dev Parent record hashes, strictly ascending.
        bytes32[] parents;
        /// @dev Who acts. Must be the caller where `signature` is empty.
        address agent;
        /// @dev EIP-712 signature by `agent` (65 bytes, or an ERC-1271 blob of at most 1024 bytes).
        bytes signature;
        /// @dev Namespace of a dataset that starts with this record; zero otherwise.
        bytes32 namespaceId;
        /// @dev `keccak256` of the name of a dataset that starts with this record; zero otherwise.
        bytes32 nameHash;
        /// @dev The name itself, published in {DatasetStarted}; empty to keep it off chain.
        string name;
    }

    /// @notice A read of data, reported by an owner or writer of the dataset.
    struct AccessReport {
        bytes32 dataId;
        /// @dev The record whose data was read.
        bytes32 recordHash;
        /// @dev Pseudonym of the reader; never a name.
        bytes32 reader;
        /// @dev Purpose code, encoded as an operation is.
        bytes32 purpose;
        /// @dev Salted commitment to what else is known of the read; zero where there is nothing.
        bytes32 metadataHash;
        /// @dev Time of the read that the reporter claims, in seconds since 1970.
        uint64 timestamp;
    }

    /// @notice A validator's signature over a record.
    struct Endorsement {
        address validator;
        bytes signature;
    }

    /// @notice What storage keeps of a record.
    struct RecordInfo {
        /// @dev Block that accepted the record; zero for an unknown record.
        uint64 blockNumber;
        /// @dev Position in the dataset's history, from 1.
        uint64 sequence;
        /// @dev Version of the endorsement policy in force when the record was accepted; zero for none.
        uint64 policyVersion;
        Status status;
        /// @dev Distinct validators that endorsed the record so far.
        uint64 endorsementCount;
        /// @dev True from the moment the policy's threshold was reached.
        bool validated;
    }

    enum Status {
        UNKNOWN,
        ACTIVE,
        CORRECTED,
        REVOKED,
        ERASED
    }

    event NamespaceRegistered(bytes32 indexed namespaceId, address indexed owner, string namespace);
    event NamespaceWriterSet(bytes32 indexed namespaceId, address indexed writer, bool allowed);
    event NamespaceTransferStarted(bytes32 indexed namespaceId, address indexed from, address indexed to);
    event NamespaceTransferred(bytes32 indexed namespaceId, address indexed from, address indexed to);

    event DatasetStarted(
        bytes32 indexed dataId,
        bytes32 indexed namespaceId,
        address indexed owner,
        bytes32 nameHash,
        string name
    );
    event DatasetWriterSet(bytes32 indexed dataId, address indexed writer, bool allowed);
    event DatasetTransferStarted(bytes32 indexed dataId, address indexed from, address indexed to);
    event DatasetTransferred(bytes32 indexed dataId, address indexed from, address indexed to);

    /// @notice A record was accepted and is now the dataset's head.
    event ProvenanceRecorded(
        bytes32 indexed dataId,
        bytes32 indexed recordHash,
        address indexed agent,
        address submitter,
        uint64 sequence,
        uint64 timestamp,
        address dataOwner,
        bytes32 dataHash,
        bytes32 previousHash,
        bytes32 operation,
        bytes32 metadataHash,
        bytes32[] parents
    );

    /// @notice `recordHash` was corrected, revoked or erased by the record `byRecordHash`; both stay in the history.
    /// `status` is the one that holds from here on. It never goes down: what was erased stays so, whatever is corrected later.
    event RecordSuperseded(bytes32 indexed recordHash, bytes32 indexed byRecordHash, Status status);

    /// @notice A read was reported. `accessHash` is the EIP-712 digest of the report with its reporter and sequence.
    event AccessRecorded(
        bytes32 indexed dataId,
        bytes32 indexed recordHash,
        bytes32 indexed reader,
        bytes32 accessHash,
        bytes32 purpose,
        bytes32 metadataHash,
        address reporter,
        uint64 sequence,
        uint64 timestamp
    );

    event EndorsementPolicySet(
        bytes32 indexed dataId,
        uint64 indexed version,
        uint64 threshold,
        address[] validators
    );

    /// @notice `validator` endorsed a record. `endorsementHash` is the EIP-712 digest that the validator signed.
    event RecordEndorsed(
        bytes32 indexed dataId,
        bytes32 indexed recordHash,
        address indexed validator,
        bytes32 endorsementHash,
        uint64 policyVersion,
        uint64 endorsementCount
    );

    /// @notice The threshold of the policy was reached: the record counts as validated from here on.
    event RecordValidated(bytes32 indexed dataId, bytes32 indexed recordHash, uint64 policyVersion);

    error ProvenanceNamespaceInvalid(uint256 length, uint256 maxLength);
    error ProvenanceNamespaceTaken(bytes32 namespaceId, address owner);
    error ProvenanceNamespaceUnknown(bytes32 namespaceId);
    error ProvenanceDatasetUnknown(bytes32 dataId);
    error ProvenanceDatasetMismatch(bytes32 expectedDataId, bytes32 givenDataId);
    error ProvenanceDatasetStartUnexpected(bytes32 dataId, bytes32 namespaceId);
    error ProvenanceNameMismatch(bytes32 expectedNameHash, bytes32 givenNameHash);
    error ProvenanceNotOwner(bytes32 id, address owner, address caller);
    error ProvenanceNotPendingOwner(bytes32 id, address pendingOwner, address caller);
    error ProvenanceNotWriter(bytes32 id, address agent);
    error ProvenanceZeroAddress();
    error ProvenanceZeroDataHash();
    error ProvenanceWrongDataOwner(address expected, address given);
    error ProvenanceStaleHead(bytes32 dataId, bytes32 expectedHead, bytes32 givenPrevious);
    error ProvenanceRecordExists(bytes32 recordHash);
    error ProvenanceRecordUnknown(bytes32 recordHash);
    error ProvenanceParentUnknown(bytes32 parent);
    error ProvenanceParentsNotAscending(uint256 index);
    error ProvenanceTooManyParents(uint256 count, uint256 maxCount);
    error ProvenanceParentsHashMismatch(bytes32 expected, bytes32 given);
    error ProvenanceOperationInvalid(bytes32 operation);
    error ProvenanceTimestampInFuture(uint256 timestamp, uint256 latestAllowed);
    error ProvenanceTimestampZero();
    error ProvenanceSignatureMissing(address agent, address caller);
    error ProvenanceSignatureInvalid(address agent, bytes32 digest);
    error ProvenanceSignatureTooLong(uint256 length, uint256 maxLength);
    error ProvenanceSupersedeTargetMissing(bytes32 operation);
    error ProvenanceSupersedeForeignRecord(bytes32 recordHash, bytes32 dataId);
    error ProvenanceRecordNotInDataset(bytes32 recordHash, bytes32 dataId);
    error ProvenanceBatchEmpty();
    error ProvenanceBatchTooLarge(uint256 count, uint256 maxCount);
    error ProvenancePolicyInvalid(uint256 threshold, uint256 validators, uint256 maxValidators);
    error ProvenancePolicyNone(bytes32 dataId);
    error ProvenancePolicyDuplicate(bytes32 dataId, address validator);
    error ProvenanceValidatorUnknown(bytes32 dataId, address validator);
    error ProvenanceValidatorDuplicate(bytes32 recordHash, address validator);

    /// @notice Registers `namespace` (1 to 512 bytes) to the caller, who names its writers.
    function registerNamespace(string calldata namespace) external returns (bytes32 namespaceId);

    /// @notice Lets `writer` start datasets in the namespace and append to its datasets, or takes that right back.
    function setNamespaceWriter(bytes32 namespaceId, address writer, bool allowed) external;

    /// @notice Offers the namespace to `to`, who has to accept. The zero address withdraws the offer. Writers stay: the new
    /// owner finds them in {NamespaceWriterSet} and may take their rights back.
    function transferNamespace(bytes32 namespaceId, address to) external;

    function acceptNamespace(bytes32 namespaceId) external;

    /// @notice Lets `writer` append to one dataset, or takes that right back.
    function setDatasetWriter(bytes32 dataId, address writer, bool allowed) external;

    /// @notice Offers the dataset to `to`, who has to accept. The zero address withdraws the offer. Writers stay: the new
    /// owner finds them in {DatasetWriterSet} and may take their rights back.
    function transferDataset(bytes32 dataId, address to) external;

    function acceptDataset(bytes32 dataId) external;

    /// @notice Accepts a record of an existing dataset, made by the caller.
    function recordProvenance(
        ProvenanceRecord calldata record,
        bytes32[] calldata parents
    ) external returns (bytes32 recordHash);

    /// @notice Accepts a record of an existing dataset that `agent` signed; anyone may submit it. The signature holds as long
    /// as `previousHash` is the head: the next record of the dataset, whoever makes it, ends that.
    function recordProvenanceSigned(
        ProvenanceRecord calldata record,
        bytes32[] calldata parents,
        address agent,
        bytes calldata signature
    ) external returns (bytes32 recordHash);

    /// @notice Accepts a record that starts a dataset (or any other submission).
    function submit(Submission calldata submission) external returns (bytes32 recordHash);

    /// @notice Accepts all of the submissions, in their order, or none.
    function submitBatch(Submission[] calldata submissions) external returns (bytes32[] memory recordHashes);

    /// @notice Writes reads into the access log. The caller must own or write each dataset.
    function recordAccesses(AccessReport[] calldata reports) external;

    /// @notice Sets the validators of a dataset and how many of them a record needs. Empty and zero end the policy: that, too,
    /// is a version, but records accepted under it have no policy to count under.
    function setEndorsementPolicy(
        bytes32 dataId,
        address[] calldata validators,
        uint64 threshold
    ) external returns (uint64 version);

    /// @notice Counts validators' signatures over a record, under the policy in force when the record was accepted.
    function endorse(bytes32 dataId, bytes32 recordHash, Endorsement[] calldata endorsements) external;

    /// @notice Stops all writes. Reads go on.
    function pause() external;

    function unpause() external;

    /// @notice Version of the record's schema and of the EIP-712 domain.
    function schemaVersion() external view returns (uint64);

    function getLatestHash(bytes32 dataId) external view returns (bytes32 recordHash);

    /// @notice Number of records in the dataset's history.
    function lineageLength(bytes32 dataId) external view returns (uint64);

    function recordInfo(bytes32 recordHash) external view returns (RecordInfo memory);

    function namespaceOwner(bytes32 namespaceId) external view returns (address owner, address pendingOwner);

    function datasetOwner(
        bytes32 dataId
    ) external view returns (address owner, address pendingOwner, bytes32 namespaceId);

    /// @notice True where `account` may start datasets in the namespace and append to its datasets.
    function isNamespaceWriter(bytes32 namespaceId, address account) external view returns (bool);

    /// @notice True where `account` may append to the dataset: as its owner or writer, or as its namespace's.
    function isWriter(bytes32 dataId, address account) external view returns (bool);

    function endorsementPolicy(
        bytes32 dataId
    ) external view returns (uint64 version, uint64 threshold, address[] memory validators);

    /// @notice EIP-712 digest of a record, as agents sign it.
    function hashRecord(ProvenanceRecord calldata record) external view returns (bytes32);

    /// @notice EIP-712 digest that a validator signs to endorse a record.
    function hashEndorsement(
        bytes32 recordHash,
        address validator,
        uint64 policyVersion
    ) external view returns (bytes32);

    /// @notice EIP-712 digest of an access report as the log carries it.
    function hashAccess(
        AccessReport calldata report,
        address reporter,
        uint64 sequence
    ) external view returns (bytes32);

    /// @notice True where exactly these fields were accepted as a record.
    function verifyRecord(ProvenanceRecord calldata record) external view returns (bool);

    /// @notice True where `path` leads from the first record to an origin, each step to the previous record or to a parent.
    /// @param path Records, the youngest first; the last one has neither a previous record nor parents.
    /// @param parents For each record of the path, all its parent hashes, ascending.
    function verifyLineage(
        ProvenanceRecord[] calldata path,
        bytes32[][] calldata parents
    ) external view returns (bool);
}
