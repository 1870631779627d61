CREATE TABLE data_keys (
    customer_id UUID NOT NULL,
    wrapped_key BYTEA NOT NULL,
    master_key_id TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT data_keys_pkey PRIMARY KEY (customer_id),
    CONSTRAINT data_keys_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id)
);

CREATE INDEX data_keys_master_key_id_customer_id_idx ON data_keys (master_key_id, customer_id);

COMMENT ON TABLE data_keys IS 'The key of one customer''s sealed values, encrypted by a master key. Without it they are lost for good.';

COMMENT ON COLUMN data_keys.customer_id IS 'The customer whose values it seals.';

COMMENT ON COLUMN data_keys.wrapped_key IS 'The key, encrypted by the master key.';

COMMENT ON COLUMN data_keys.master_key_id IS 'Id of the master key, which is not in the database.';

COMMENT ON COLUMN data_keys.created_at IS 'When it was made.';

CREATE TABLE sealing_keys (
    purpose TEXT NOT NULL,
    wrapped_key BYTEA NOT NULL,
    master_key_id TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT sealing_keys_pkey PRIMARY KEY (purpose)
);

COMMENT ON TABLE sealing_keys IS 'A key of the service as a whole, encrypted by a master key: the one that blind indexes are made with.';

COMMENT ON COLUMN sealing_keys.purpose IS 'What it is for.';

COMMENT ON COLUMN sealing_keys.wrapped_key IS 'The key, encrypted by the master key.';

COMMENT ON COLUMN sealing_keys.master_key_id IS 'Id of the master key, which is not in the database.';

COMMENT ON COLUMN sealing_keys.created_at IS 'When it was made.';

CREATE TABLE bank_accounts (
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    holder TEXT NOT NULL,
    iban_sealed BYTEA NOT NULL,
    iban_index TEXT,
    iban_masked TEXT NOT NULL,
    bank_country TEXT NOT NULL,
    is_primary BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT bank_accounts_pkey PRIMARY KEY (id),
    CONSTRAINT bank_accounts_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id)
);

CREATE UNIQUE INDEX bank_accounts_customer_id_iban_index_idx ON bank_accounts (customer_id, iban_index);

CREATE INDEX bank_accounts_iban_index_idx ON bank_accounts (iban_index);

COMMENT ON TABLE bank_accounts IS 'A bank account of a customer, for premiums and for payments to them.';

COMMENT ON COLUMN bank_accounts.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN bank_accounts.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN bank_accounts.holder IS 'Name the account is held in.';

COMMENT ON COLUMN bank_accounts.iban_sealed IS 'International bank account number (IBAN), sealed.';

COMMENT ON COLUMN bank_accounts.iban_index IS 'Blind index of the IBAN.';

COMMENT ON COLUMN bank_accounts.iban_masked IS 'International bank account number (IBAN), masked but for its end.';

COMMENT ON COLUMN bank_accounts.bank_country IS 'Country of the bank (ISO 3166-1 alpha-2).';

COMMENT ON COLUMN bank_accounts.is_primary IS 'Whether this is the account to use first.';

COMMENT ON COLUMN bank_accounts.created_at IS 'When it was recorded.';

ALTER TABLE customers
    ADD COLUMN national_id_sealed BYTEA,
    ADD COLUMN national_id_index TEXT,
    ADD COLUMN national_id_masked TEXT;

CREATE INDEX customers_national_id_index_idx ON customers (national_id_index);

COMMENT ON COLUMN customers.national_id_sealed IS 'National identification number of a person, sealed.';

COMMENT ON COLUMN customers.national_id_index IS 'Blind index of the national identification number.';

COMMENT ON COLUMN customers.national_id_masked IS 'National identification number of a person, masked but for its end: the tax, social security or identity number of the country.';

ALTER TABLE medical_exams
    ADD COLUMN notes_sealed BYTEA,
    ADD COLUMN notes_masked TEXT GENERATED ALWAYS AS (case when notes_sealed is not null then '••••' end) STORED;

COMMENT ON COLUMN medical_exams.notes_sealed IS 'What the physician noted, sealed.';

COMMENT ON COLUMN medical_exams.notes_masked IS 'What the physician noted, masked in full; none where nothing was.';
