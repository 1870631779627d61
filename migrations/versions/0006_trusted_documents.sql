-- Trusted documents: operations that clients ask for by a hash or an id.

CREATE TABLE trusted_documents (
    sha256 TEXT NOT NULL,
    ids TEXT[] NOT NULL,
    body TEXT NOT NULL,
    name TEXT,
    kind TEXT NOT NULL,
    statements BIGINT NOT NULL,
    row_bound BIGINT NOT NULL,
    points BIGINT NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE NOT NULL,
    retired_at TIMESTAMP WITH TIME ZONE,
    revision BIGINT NOT NULL,
    CONSTRAINT trusted_documents_pkey PRIMARY KEY (sha256),
    CONSTRAINT trusted_documents_revision_key UNIQUE (revision),
    CONSTRAINT trusted_documents_sha256_check CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    CONSTRAINT trusted_documents_kind_check CHECK (kind in ('QUERY', 'MUTATION', 'SUBSCRIPTION'))
);

CREATE INDEX trusted_documents_ids_idx ON trusted_documents USING gin (ids);

COMMENT ON TABLE trusted_documents IS 'An operation published for clients, with the budget it had then. A retired one stays, and is refused.';

COMMENT ON COLUMN trusted_documents.sha256 IS 'SHA-256 of the text, in hexadecimal.';

COMMENT ON COLUMN trusted_documents.ids IS 'What else clients call it: the ids their own manifests give it.';

COMMENT ON COLUMN trusted_documents.body IS 'The text of the document.';

COMMENT ON COLUMN trusted_documents.name IS 'The operation''s name.';

COMMENT ON COLUMN trusted_documents.kind IS 'What kind of operation it is.';

COMMENT ON COLUMN trusted_documents.statements IS 'SQL statements it may send at most, as of its publication.';

COMMENT ON COLUMN trusted_documents.row_bound IS 'Rows it may fetch at most, as of its publication.';

COMMENT ON COLUMN trusted_documents.points IS 'Points it may cost at most, as of its publication.';

COMMENT ON COLUMN trusted_documents.published_at IS 'When it was last published.';

COMMENT ON COLUMN trusted_documents.retired_at IS 'From when on it is refused.';

COMMENT ON COLUMN trusted_documents.revision IS 'Grows over all documents with every change of one; by it the workers find what is new.';

-- There is a second one now.
COMMENT ON TABLE sealing_keys IS 'A key of the service as a whole, encrypted by a master key: of blind indexes, or of the service''s own secrets.';
