-- Everything read from the chain. A row's id is `block << 20 | log index`, so that a rewind is a DELETE above one number, and
-- owner, head, count and status are "the latest row" instead of columns that a rewind would have to restore.

CREATE TABLE ownership (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  chain_id bigint NOT NULL,
  genesis_hash bytea NOT NULL,
  registry bytea NOT NULL,
  anchor bytea NOT NULL,
  log_origin text NOT NULL,
  log_key text NOT NULL
);

-- Blocks that hold events, and the headers above the last final block (parent_hash is null where only logs told of the block).
CREATE TABLE block (
  number bigint PRIMARY KEY,
  hash bytea NOT NULL,
  parent_hash bytea,
  timestamp bigint NOT NULL,
  has_events boolean NOT NULL
);

-- The two counts spare the status page a scan; they change in the transaction that changes the rows.
CREATE TABLE chain_cursor (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  number bigint,
  hash bytea,
  parent_hash bytea,
  timestamp bigint,
  final_number bigint,
  final_hash bytea,
  final_parent_hash bytea,
  final_timestamp bigint,
  records bigint NOT NULL DEFAULT 0,
  quarantined bigint NOT NULL DEFAULT 0
);
INSERT INTO chain_cursor DEFAULT VALUES;

CREATE TABLE record (
  id bigint PRIMARY KEY,
  sequence bigint NOT NULL,
  timestamp bigint NOT NULL,
  record_hash bytea NOT NULL,
  data_id bytea NOT NULL,
  data_hash bytea NOT NULL,
  previous_hash bytea NOT NULL,
  operation bytea NOT NULL,
  metadata_hash bytea NOT NULL,
  data_owner bytea NOT NULL,
  agent bytea NOT NULL,
  submitter bytea NOT NULL,
  transaction_hash bytea NOT NULL
);
CREATE UNIQUE INDEX record_hash_key ON record (record_hash);
CREATE INDEX record_data_id_idx ON record (data_id, id);
CREATE INDEX record_agent_idx ON record (agent, id);
CREATE INDEX record_operation_idx ON record (operation, id);

-- flags: 1 = the dataset's previous record, 2 = a declared parent. parent < child always, so no cycle can arise.
CREATE TABLE edge (
  child bigint NOT NULL,
  parent bigint NOT NULL,
  flags smallint NOT NULL,
  PRIMARY KEY (child, parent) INCLUDE (flags),
  CHECK (parent < child)
)
-- Lineage reads the indexes only, where the visibility map is up to date: a vacuum that sees new pages only is cheap.
WITH (autovacuum_vacuum_insert_threshold = 10000, autovacuum_vacuum_insert_scale_factor = 0.02);
CREATE INDEX edge_parent_idx ON edge (parent, child);

-- Parents that no earlier record has: shown, never fatal.
CREATE TABLE unresolved_parent (
  child bigint NOT NULL,
  parent_hash bytea NOT NULL,
  flags smallint NOT NULL,
  PRIMARY KEY (child, parent_hash)
);

CREATE TABLE namespace (
  id bigint PRIMARY KEY,
  namespace_id bytea NOT NULL,
  owner bytea NOT NULL,
  name text,
  transaction_hash bytea NOT NULL
);
CREATE INDEX namespace_key_idx ON namespace (namespace_id, id);

CREATE TABLE dataset (
  id bigint PRIMARY KEY,
  data_id bytea NOT NULL,
  namespace_id bytea NOT NULL,
  owner bytea NOT NULL,
  name_hash bytea NOT NULL,
  name text,
  transaction_hash bytea NOT NULL
);
CREATE INDEX dataset_key_idx ON dataset (data_id, id);
CREATE INDEX dataset_namespace_idx ON dataset (namespace_id, id);

-- scope: 1 = namespace, 2 = dataset.
CREATE TABLE writer_grant (
  id bigint PRIMARY KEY,
  scope smallint NOT NULL,
  subject bytea NOT NULL,
  writer bytea NOT NULL,
  allowed boolean NOT NULL,
  transaction_hash bytea NOT NULL
);
CREATE INDEX writer_grant_subject_idx ON writer_grant (subject, writer, id);

-- phase: 1 = started, 2 = completed.
CREATE TABLE transfer (
  id bigint PRIMARY KEY,
  scope smallint NOT NULL,
  subject bytea NOT NULL,
  phase smallint NOT NULL,
  sender bytea NOT NULL,
  receiver bytea NOT NULL,
  transaction_hash bytea NOT NULL
);
CREATE INDEX transfer_completed_idx ON transfer (subject, id) WHERE phase = 2;

-- status: 1 = corrected, 2 = revoked, 3 = erased.
CREATE TABLE superseded (
  id bigint PRIMARY KEY,
  record_hash bytea NOT NULL,
  by_record_hash bytea NOT NULL,
  status smallint NOT NULL,
  transaction_hash bytea NOT NULL
);
CREATE INDEX superseded_record_idx ON superseded (record_hash, id);

CREATE TABLE access (
  id bigint PRIMARY KEY,
  sequence bigint NOT NULL,
  timestamp bigint NOT NULL,
  access_hash bytea NOT NULL,
  data_id bytea NOT NULL,
  record_hash bytea NOT NULL,
  reader bytea NOT NULL,
  purpose bytea NOT NULL,
  metadata_hash bytea NOT NULL,
  reporter bytea NOT NULL,
  transaction_hash bytea NOT NULL
);
CREATE INDEX access_data_id_idx ON access (data_id, id);
CREATE INDEX access_record_idx ON access (record_hash, id);

CREATE TABLE policy (
  id bigint PRIMARY KEY,
  data_id bytea NOT NULL,
  version bigint NOT NULL,
  threshold bigint NOT NULL,
  validators bytea NOT NULL,
  transaction_hash bytea NOT NULL
);
CREATE INDEX policy_data_id_idx ON policy (data_id, id);
COMMENT ON COLUMN policy.validators IS 'Addresses of 20 bytes, one after the other.';

CREATE TABLE endorsement (
  id bigint PRIMARY KEY,
  endorsement_hash bytea NOT NULL,
  data_id bytea NOT NULL,
  record_hash bytea NOT NULL,
  validator bytea NOT NULL,
  policy_version bigint NOT NULL,
  count bigint NOT NULL,
  transaction_hash bytea NOT NULL
);
CREATE INDEX endorsement_record_idx ON endorsement (record_hash, id);

CREATE TABLE validated (
  id bigint PRIMARY KEY,
  data_id bytea NOT NULL,
  record_hash bytea NOT NULL,
  policy_version bigint NOT NULL,
  transaction_hash bytea NOT NULL
);
CREATE INDEX validated_record_idx ON validated (record_hash, id);

CREATE TABLE quarantine (
  id bigint PRIMARY KEY,
  reason text NOT NULL,
  detail text NOT NULL,
  topics bytea NOT NULL,
  data bytea NOT NULL,
  transaction_hash bytea NOT NULL
);
COMMENT ON COLUMN quarantine.topics IS 'Topics of 32 bytes, one after the other.';
