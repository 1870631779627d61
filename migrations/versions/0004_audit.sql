-- The audit log and its chain of seals.

create function c360_append_only() returns trigger
    language plpgsql
    as $$begin
        raise exception using message = tg_table_name || ' is append-only', errcode = 'restrict_violation';
    end$$;

create sequence audit_entries_position_seq;

CREATE TABLE audit_entries (
    id UUID NOT NULL,
    position BIGINT DEFAULT nextval('audit_entries_position_seq'::regclass) NOT NULL,
    transaction_id BIGINT DEFAULT (pg_current_xact_id()::text)::bigint NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    kind TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id UUID,
    session_id UUID,
    operation TEXT,
    document_hash TEXT,
    customer_ids UUID[] DEFAULT '{}' NOT NULL,
    sensitive_fields TEXT[] DEFAULT '{}' NOT NULL,
    purpose TEXT,
    details JSONB DEFAULT '{}' NOT NULL,
    request_id UUID,
    CONSTRAINT audit_entries_pkey PRIMARY KEY (id),
    CONSTRAINT audit_entries_position_key UNIQUE (position),
    CONSTRAINT audit_entries_kind_check CHECK (kind in ('SIGN_IN', 'SIGN_IN_REFUSED', 'SIGN_OUT', 'REFUSAL', 'REVEAL', 'PROFILE_OPENED', 'MUTATION', 'ADMINISTRATION', 'ENTRIES_LOST')),
    CONSTRAINT audit_entries_actor_kind_check CHECK (actor_kind in ('ANONYMOUS', 'USER', 'API_KEY', 'SYSTEM'))
);

CREATE INDEX audit_entries_recorded_at_id_idx ON audit_entries (recorded_at, id);

CREATE INDEX audit_entries_actor_id_recorded_at_id_idx ON audit_entries (actor_id, recorded_at, id);

CREATE INDEX audit_entries_kind_recorded_at_id_idx ON audit_entries (kind, recorded_at, id);

CREATE INDEX audit_entries_transaction_id_position_idx ON audit_entries (transaction_id, position);

CREATE INDEX audit_entries_customer_ids_idx ON audit_entries USING gin (customer_ids);

COMMENT ON TABLE audit_entries IS 'Something that was done, seen or refused. Rows are only ever added; they hold no sensitive values.';

COMMENT ON COLUMN audit_entries.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN audit_entries.position IS 'Order of insertion; with the transaction id it makes the order in which entries are sealed.';

COMMENT ON COLUMN audit_entries.transaction_id IS 'Id of the transaction that wrote the entry.';

COMMENT ON COLUMN audit_entries.recorded_at IS 'When it happened, by the service''s clock.';

COMMENT ON COLUMN audit_entries.kind IS 'What the entry tells of.';

COMMENT ON COLUMN audit_entries.actor_kind IS 'What kind of thing acted.';

COMMENT ON COLUMN audit_entries.actor_id IS 'Id of the user or API key that acted.';

COMMENT ON COLUMN audit_entries.session_id IS 'The session in which it happened.';

COMMENT ON COLUMN audit_entries.operation IS 'Name of the GraphQL operation, mutation or command.';

COMMENT ON COLUMN audit_entries.document_hash IS 'SHA-256 of the GraphQL document, in hexadecimal digits.';

COMMENT ON COLUMN audit_entries.customer_ids IS 'The customers it concerns; they may have been erased since.';

COMMENT ON COLUMN audit_entries.sensitive_fields IS 'Sensitive fields that were shown, changed or refused, such as Customer.birthDate.';

COMMENT ON COLUMN audit_entries.purpose IS 'What for, as the actor stated it.';

COMMENT ON COLUMN audit_entries.details IS 'Further facts by kind: names and digests, never sensitive values.';

COMMENT ON COLUMN audit_entries.request_id IS 'The request; shared by all entries of it.';

create trigger audit_entries_append_only before update or delete or truncate on audit_entries for each statement execute function c360_append_only();

alter table audit_entries enable always trigger audit_entries_append_only;

CREATE TABLE audit_seals (
    number BIGINT NOT NULL,
    entry_id UUID NOT NULL,
    hash BYTEA NOT NULL,
    sealed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT audit_seals_pkey PRIMARY KEY (number),
    CONSTRAINT audit_seals_entry_id_key UNIQUE (entry_id),
    CONSTRAINT audit_seals_entry_id_fkey FOREIGN KEY(entry_id) REFERENCES audit_entries (id)
);

COMMENT ON TABLE audit_seals IS 'A link of the chain: the hash of the seal before it and of one entry. Rows are only ever added.';

COMMENT ON COLUMN audit_seals.number IS 'Place in the chain; begins with 1 and has no gaps.';

COMMENT ON COLUMN audit_seals.entry_id IS 'The entry that is sealed.';

COMMENT ON COLUMN audit_seals.hash IS 'SHA-256 of the hash before it, followed by the entry in its canonical form.';

COMMENT ON COLUMN audit_seals.sealed_at IS 'When it was sealed.';

create trigger audit_seals_append_only before update or delete or truncate on audit_seals for each statement execute function c360_append_only();

alter table audit_seals enable always trigger audit_seals_append_only;
