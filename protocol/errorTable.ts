/**
 * Every error that Stemma raises off chain. Codes are stable and never reused; each room has its range:
 * protocol 100, deployments and tasks 200, client and command line 300, importers 400, chain and decode 500, store 600, log and
 * anchor 700, api and ingest 800, pipeline and configuration 900.
 */
export const errorTable = {
  ASSERTION_FAILED: {
    code: "STM-100",
    message: "Impossible state: {what}",
    retry: false,
    advice: "This is a defect of Stemma: please report it with the log around it.",
  },
  INVALID_HEX: {
    code: "STM-101",
    message: "{field} must be {bytes} bytes of hex with 0x in front, got {given}",
    retry: false,
    advice: "Give the value as 0x followed by hexadecimal digits of exactly that length.",
  },
  INVALID_NUMBER: {
    code: "STM-102",
    message: "{field} must be an unsigned integer that fits {type}, got {given}",
    retry: false,
    advice: "Give a whole number that isn't negative and fits the type.",
  },
  INVALID_OPERATION: {
    code: "STM-103",
    message: "{given} is no operation: a name has 1 to {maxBytes} printable ASCII characters without spaces",
    retry: false,
    advice:
      "Use CREATE, TRANSFORM, DERIVE, TRANSFER, ACCESS, CORRECT, REVOKE, ERASE or a short name of your own.",
  },
  RECORD_FIELD_ZERO: {
    code: "STM-104",
    message: "The record's {field} must not be zero",
    retry: false,
    advice: "Fill in the field: the contract refuses a record without it.",
  },
  PARENTS_NOT_ASCENDING: {
    code: "STM-105",
    message: "Parents must be strictly ascending; the one at position {index} isn't",
    retry: false,
    advice: "Sort the parents and drop repeated ones (sortParents does both) before you hash or submit.",
  },
  INVALID_LEAF: {
    code: "STM-106",
    message: "No log entry has kind {kind} and {bytes} bytes of leaf data",
    retry: false,
    advice: "A leaf is one known kind byte followed by a 32-byte hash.",
  },
  INVALID_SALT: {
    code: "STM-107",
    message: "A salt has exactly 32 bytes, got {bytes}",
    retry: false,
    advice: "Take 32 bytes from a cryptographic random source for each commitment.",
  },
  NOT_CANONICAL: {
    code: "STM-108",
    message: "The value has no canonical JSON form: {reason}",
    retry: false,
    advice: "Commit to plain JSON values only: objects, arrays, strings, finite numbers, booleans and null.",
  },
  INVALID_HASH: {
    code: "STM-109",
    message: "{field} must be 32 bytes, got {bytes}",
    retry: false,
    advice: "Give whole SHA-256 hashes; a list of them is a multiple of 32 bytes.",
  },
  TREE_STATE_INVALID: {
    code: "STM-110",
    message: "A tree of size {size} has {expected} subtrees in its frontier, got {given}",
    retry: false,
    advice: "The stored state of the log is damaged or of another log: rebuild it from the entries.",
  },
  INDEX_OUT_OF_RANGE: {
    code: "STM-111",
    message: "Index {index} isn't in a tree of size {size}",
    retry: false,
    advice: "Ask for an index below the size; a newer checkpoint may cover it.",
  },
  SIZE_OUT_OF_RANGE: {
    code: "STM-112",
    message: "No consistency proof leads from size {from} to size {to}",
    retry: false,
    advice: "The first size must be at least 1 and not above the second.",
  },
  TILE_MISSING: {
    code: "STM-113",
    message: "Tile {path} is missing or too narrow",
    retry: true,
    advice:
      "Ask again for a size that has a checkpoint; run `npm run stemma -- fsck` where it stays missing.",
  },
  TILE_PATH_INVALID: {
    code: "STM-114",
    message: "{given} is no tile path",
    retry: false,
    advice: "Paths look like tile/0/x001/x234/067 or tile/0/x001/x234/067.p/112 (c2sp.org/tlog-tiles).",
  },
  NOTE_MALFORMED: {
    code: "STM-115",
    message: "Not a signed note: {reason}",
    retry: false,
    advice: "Fetch the note again; it must arrive byte for byte as the log serves it (c2sp.org/signed-note).",
  },
  NOTE_KEY_INVALID: {
    code: "STM-116",
    message: "Not a note key: {reason}",
    retry: false,
    advice: "A verifier key reads name+8 hex digits+base64, as the log's operator publishes it.",
  },
  NOTE_SIGNATURE_INVALID: {
    code: "STM-117",
    message: "The signature of {name} doesn't fit the note",
    retry: false,
    advice: "The note was altered or isn't from that key: don't trust it.",
  },
  NOTE_UNSIGNED: {
    code: "STM-118",
    message: "The note carries no signature of a trusted key ({keys} trusted, {signatures} on the note)",
    retry: false,
    advice: "Get the log's verifier key from its operator and check that the checkpoint is of that log.",
  },
  CHECKPOINT_MALFORMED: {
    code: "STM-119",
    message: "Not a checkpoint: {reason}",
    retry: false,
    advice:
      "A checkpoint's text is origin, decimal size and base64 root, one on each line (c2sp.org/tlog-checkpoint).",
  },
  PROOF_MALFORMED: {
    code: "STM-120",
    message: "Not a proof file: {field}: {reason}",
    retry: false,
    advice: "Fetch the proof again; a file of another format or a cut-off file can't be checked.",
  },
  PROOF_TRUST_MISSING: {
    code: "STM-121",
    message: "Nothing to check the proof against",
    retry: false,
    advice:
      "Give the log's verifier key, a checkpoint, or a root with its size, from a source that you trust.",
  },
  RLP_MALFORMED: {
    code: "STM-122",
    message: "Not valid RLP: {reason}",
    retry: false,
    advice: "The bytes were cut off or altered; ask the node again.",
  },
  EXTRA_DATA_MALFORMED: {
    code: "STM-123",
    message: "The block's extra data isn't QBFT's: {reason}",
    retry: false,
    advice: "Check that the chain runs QBFT; another engine needs another finality driver.",
  },
  STORE_UNAVAILABLE: {
    code: "STM-600",
    message: "The database can't be reached: {reason}",
    retry: true,
    advice: "Check that PostgreSQL runs and that DATABASE_URL is right. The connection comes back by itself.",
  },
  QUERY_TIMEOUT: {
    code: "STM-601",
    message: "The query {query} was stopped after {timeoutMs} ms",
    retry: true,
    advice: "Ask for less: a smaller depth, fewer nodes or a smaller page.",
  },
  QUERY_CANCELLED: {
    code: "STM-602",
    message: "The query {query} was cancelled by the caller",
    retry: true,
    advice: "Nothing to do: whoever asked went away.",
  },
  STORE_FAILED: {
    code: "STM-603",
    message: "The database refused a statement: {reason}",
    retry: false,
    advice: "Look at the cause in the log. If the statement is one of Stemma's own, please report it.",
  },
  DATABASE_NEWER: {
    code: "STM-604",
    message: "The database has schema version {found}, this program knows {known}",
    retry: false,
    advice: "Start the newer release of Stemma that wrote this database.",
  },
  MIGRATION_CHANGED: {
    code: "STM-605",
    message: "Migration {migration} was applied with other contents than this program has",
    retry: false,
    advice:
      "Migrations are never edited after a release. Start the release that wrote this database, or an empty one.",
  },
  DATABASE_OWNED_BY_OTHER: {
    code: "STM-606",
    message: "The database belongs to {field} {stored}, not to {given}",
    retry: false,
    advice:
      "Point DATABASE_URL at the right database. If the chain was reset or the contracts were deployed anew, use a new database (or delete the data directory of the embedded one).",
  },
  RANGE_NOT_ADJACENT: {
    code: "STM-607",
    message: "Blocks {from} to {to} don't follow the stored cursor {cursor}",
    retry: false,
    advice: "Read the position again and continue from it. Another indexer may write to the same database.",
  },
  RANGE_FORKED: {
    code: "STM-608",
    message: "Block {block} doesn't have the stored block as its parent",
    retry: false,
    advice: "Rewind to the common ancestor first.",
  },
  REWIND_BELOW_FINAL: {
    code: "STM-609",
    message: "A rewind to block {ancestor} would drop block {finalized}, which is final",
    retry: false,
    advice:
      "The chain contradicts its own finality. An operator must decide which side is right before anything is written.",
  },
  VALUE_NOT_STORABLE: {
    code: "STM-610",
    message: "{field} can't be stored: {reason}",
    retry: false,
    advice: "The decoder must hand such a value on as quarantined. Please report it.",
  },
  LEADERSHIP_LOST: {
    code: "STM-611",
    message: "Epoch {epoch} was replaced by epoch {current}",
    retry: false,
    advice: "Another sequencer leads now. Stop appending and apply for leadership again.",
  },
  LOG_NOT_ADJACENT: {
    code: "STM-612",
    message: "A batch starts at entry {firstIndex}, but the log has {size} entries",
    retry: false,
    advice: "Read the log's state again and build the batch from it.",
  },
  CHECKPOINT_CONFLICT: {
    code: "STM-613",
    message: "Another root is stored for the checkpoint of size {size}",
    retry: false,
    advice:
      "Two different logs were built from the same database. Stop the sequencer and compare both with the chain.",
  },
  ANCHOR_STATE_CONFLICT: {
    code: "STM-614",
    message: "The anchor of size {size} is {state}: it can't become {wanted}",
    retry: false,
    advice: "Read the anchor's row again and go on from its state.",
  },
  EMBEDDED_DATABASE_IN_USE: {
    code: "STM-615",
    message: "Process {pid} already runs the embedded database in {directory}",
    retry: false,
    advice: "Stop that process, or give this one another data directory (STEMMA_DATA_DIR).",
  },
  EMBEDDED_DATABASE_FAILED: {
    code: "STM-616",
    message: "The embedded database didn't start: {reason}",
    retry: false,
    advice: "Look at server.log in its data directory, or set DATABASE_URL to a server of your own.",
  },
  EMBEDDED_DATABASE_UNSUPPORTED: {
    code: "STM-617",
    message: "There is no embedded PostgreSQL for {platform}",
    retry: false,
    advice: "Install PostgreSQL 15 or newer and set DATABASE_URL.",
  },
  EMBEDDED_DATABASE_VERSION: {
    code: "STM-618",
    message:
      "The data directory {directory} was written by PostgreSQL {found}, the embedded server is {known}",
    retry: false,
    advice:
      "Dump and restore it with the old release, or delete the directory: everything in it comes from the chain.",
  },
} as const satisfies Record<
  string,
  { code: `STM-${number}`; message: string; retry: boolean; advice: string }
>;

export type ErrorName = keyof typeof errorTable;
