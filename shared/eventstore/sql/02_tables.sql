CREATE TABLE store (epoch text NOT NULL);

CREATE TABLE tenants (
  tenant_id text PRIMARY KEY,
  name text NOT NULL,
  livemode boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE clocks (
  tenant_id text PRIMARY KEY,
  frozen_at timestamptz NOT NULL
);

-- Looked up before a tenant is known: the digest leads to it.
CREATE TABLE api_keys (
  digest text PRIMARY KEY,
  tenant_id text NOT NULL,
  key_id text NOT NULL,
  actor text NOT NULL,
  scopes text[] NOT NULL,
  livemode boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  revoked_at timestamptz
);

CREATE TABLE events (
  position bigint GENERATED ALWAYS AS IDENTITY,
  transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  tenant_id text NOT NULL,
  stream text NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  event_id text NOT NULL,
  type text NOT NULL,
  data bytea NOT NULL,
  metadata bytea NOT NULL,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, stream, version)
);
CREATE INDEX events_in_commit_order ON events (transaction_id, position);

CREATE TABLE states (
  tenant_id text NOT NULL,
  stream text NOT NULL,
  version integer NOT NULL,
  state bytea NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, stream)
) WITH (fillfactor = 60);

CREATE TABLE claims (
  tenant_id text NOT NULL,
  kind text NOT NULL,
  digest text NOT NULL,
  target text NOT NULL,
  PRIMARY KEY (tenant_id, kind, digest)
);

CREATE TABLE idempotency (
  tenant_id text NOT NULL,
  scope text NOT NULL,
  key text NOT NULL,
  fingerprint text NOT NULL,
  status integer NOT NULL,
  answer bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, scope, key)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

CREATE TABLE jobs (
  tenant_id text NOT NULL,
  key text NOT NULL,
  kind text NOT NULL,
  arguments bytea NOT NULL,
  context bytea NOT NULL,
  due_at timestamptz NOT NULL,
  status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'done', 'cancelled', 'failed')),
  attempts integer NOT NULL DEFAULT 0,
  run_after timestamptz NOT NULL DEFAULT clock_timestamp(),
  owner text,
  lease_until timestamptz,
  last_error text,
  PRIMARY KEY (tenant_id, key)
);
CREATE INDEX jobs_waiting ON jobs (tenant_id, due_at, key) WHERE status = 'waiting';

CREATE TABLE inbox (
  tenant_id text NOT NULL,
  subscription text NOT NULL,
  event_id text NOT NULL,
  PRIMARY KEY (tenant_id, subscription, event_id)
);

CREATE TABLE parked_events (
  tenant_id text NOT NULL,
  subscription text NOT NULL,
  key text NOT NULL,
  partition text NOT NULL,
  transaction_id xid8 NOT NULL,
  position bigint NOT NULL,
  stream text NOT NULL,
  version integer NOT NULL,
  event_id text NOT NULL,
  type text NOT NULL,
  error text NOT NULL,
  parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, subscription, key, partition, transaction_id, position)
);

-- Who does what only one process is to do, until when.
CREATE TABLE leases (
  name text PRIMARY KEY,
  owner text NOT NULL,
  expires_at timestamptz NOT NULL
);

-- What the relay has sent to each partition of the topic. A publication is one complete sending of
-- the log; an acknowledged offset that is not above the last one shows that the topic was made anew.
CREATE TABLE publications (
  partition integer PRIMARY KEY,
  partitions integer NOT NULL,
  publication bigint NOT NULL,
  last_offset bigint NOT NULL
);

-- How far each subscription has come; across tenants, as the feed it reads is.
CREATE TABLE checkpoints (
  subscription text NOT NULL,
  partition text NOT NULL,
  transaction_id xid8 NOT NULL,
  position bigint NOT NULL,
  epoch text NOT NULL,
  PRIMARY KEY (subscription, partition)
) WITH (fillfactor = 60);

CREATE TABLE watermarks (
  subscription text NOT NULL,
  partition text NOT NULL,
  fresh_as_of timestamptz NOT NULL,
  PRIMARY KEY (subscription, partition)
) WITH (fillfactor = 60)
