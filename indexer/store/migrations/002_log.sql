-- The append-only log. kind is the leaf's kind byte (protocol/leaf.ts). Times are milliseconds since 1970.

CREATE TABLE log_state (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  size bigint NOT NULL,
  root bytea NOT NULL,
  last_source_id bigint NOT NULL
);
-- The root of an empty tree is the hash of nothing (RFC 9162, section 2.1.1).
INSERT INTO log_state (size, root, last_source_id) VALUES (0, sha256(''::bytea), -1);

-- Grows by one with each leader; whoever writes under an older epoch is refused.
CREATE TABLE log_leader (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  epoch bigint NOT NULL
);
INSERT INTO log_leader (epoch) VALUES (0);

CREATE TABLE entry (
  entry_index bigint PRIMARY KEY,
  source_id bigint NOT NULL,
  sequenced_at bigint NOT NULL,
  kind smallint NOT NULL,
  hash bytea NOT NULL
);
CREATE UNIQUE INDEX entry_source_key ON entry (source_id);

CREATE TABLE tile (
  tile_index bigint NOT NULL,
  level smallint NOT NULL,
  width smallint NOT NULL,
  hashes bytea NOT NULL,
  PRIMARY KEY (level, tile_index)
);
-- Hashes don't compress.
ALTER TABLE tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE checkpoint (
  size bigint PRIMARY KEY,
  epoch bigint NOT NULL,
  created_at bigint NOT NULL,
  root bytea NOT NULL,
  note text NOT NULL
);

CREATE TABLE anchor (
  size bigint PRIMARY KEY,
  root bytea NOT NULL,
  epoch bigint NOT NULL,
  from_size bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('SEALED', 'SENT', 'MINED', 'FINAL')),
  nonce bigint,
  raw_transaction bytea,
  transaction_hash bytea,
  block_number bigint,
  block_hash bytea,
  sealed_at bigint NOT NULL,
  sent_at bigint,
  mined_at bigint,
  final_at bigint
);
CREATE INDEX anchor_open_idx ON anchor (size) WHERE state <> 'FINAL';
CREATE INDEX anchor_on_chain_idx ON anchor (size) WHERE state IN ('MINED', 'FINAL');
