-- Merges of duplicate customers, and what they moved.

CREATE TABLE customer_merges (
    id UUID NOT NULL,
    restricted BOOLEAN DEFAULT false NOT NULL,
    customer_id UUID NOT NULL,
    merged_id UUID NOT NULL,
    merged_number TEXT NOT NULL,
    reason TEXT,
    merged_at TIMESTAMP WITH TIME ZONE NOT NULL,
    merged_by TEXT NOT NULL,
    undone_at TIMESTAMP WITH TIME ZONE,
    undone_by TEXT,
    CONSTRAINT customer_merges_pkey PRIMARY KEY (id),
    CONSTRAINT customer_merges_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id)
);

CREATE INDEX customer_merges_customer_id_merged_at_id_idx ON customer_merges (customer_id, merged_at, id);

CREATE UNIQUE INDEX customer_merges_merged_id_idx ON customer_merges (merged_id) WHERE undone_at is null;

CREATE UNIQUE INDEX customer_merges_merged_number_idx ON customer_merges (merged_number) WHERE undone_at is null;

COMMENT ON TABLE customer_merges IS 'A duplicate customer that was merged into another. By it the old id and the old number lead to the survivor.';

COMMENT ON COLUMN customer_merges.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN customer_merges.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

COMMENT ON COLUMN customer_merges.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN customer_merges.merged_id IS 'Id of the customer that was merged.';

COMMENT ON COLUMN customer_merges.merged_number IS 'Number of the customer that was merged.';

COMMENT ON COLUMN customer_merges.reason IS 'Why the two are held to be one, in the words of whoever merged them.';

COMMENT ON COLUMN customer_merges.merged_at IS 'When they were merged.';

COMMENT ON COLUMN customer_merges.merged_by IS 'Who merged them: the id of a user or API key, or system.';

COMMENT ON COLUMN customer_merges.undone_at IS 'When the merge was taken back; none while it holds.';

COMMENT ON COLUMN customer_merges.undone_by IS 'Who took it back.';

create trigger restriction_taken after insert on customer_merges referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on customer_merges for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table customer_merges enable row level security;

create policy c360_partner on customer_merges for select to c360_partner using (exists (select from partner_book b where b.object_id = customer_merges.customer_id and b.kind = 'CUSTOMER'));

create policy c360_staff_unrestricted on customer_merges for select to c360_staff_unrestricted using (true);

create view c360_staff.customer_merges as select t.id, t.restricted, t.customer_id, t.merged_id, t.merged_number, t.reason, t.merged_at, t.merged_by, t.undone_at, t.undone_by from public.customer_merges t where not t.restricted;

grant select on c360_staff.customer_merges to c360_staff;

grant select on public.customer_merges to c360_staff_unrestricted;

grant select (id, customer_id, merged_id, merged_number, undone_at) on public.customer_merges to c360_partner;

CREATE TABLE customer_merge_moves (
    id UUID NOT NULL,
    restricted BOOLEAN DEFAULT false NOT NULL,
    customer_id UUID NOT NULL,
    merge_id UUID NOT NULL,
    effect TEXT NOT NULL,
    place TEXT NOT NULL,
    owner TEXT,
    row_key JSONB DEFAULT '{}' NOT NULL,
    kept JSONB DEFAULT '{}' NOT NULL,
    CONSTRAINT customer_merge_moves_pkey PRIMARY KEY (id),
    CONSTRAINT customer_merge_moves_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT customer_merge_moves_merge_id_fkey FOREIGN KEY(merge_id) REFERENCES customer_merges (id),
    CONSTRAINT customer_merge_moves_effect_check CHECK (effect in ('MOVED', 'CHANGED', 'REMOVED'))
);

CREATE INDEX customer_merge_moves_customer_id_idx ON customer_merge_moves (customer_id);

CREATE INDEX customer_merge_moves_merge_id_place_idx ON customer_merge_moves (merge_id, place);

COMMENT ON TABLE customer_merge_moves IS 'A row that a merge moved, changed or took away, with what is needed to put it back.';

COMMENT ON COLUMN customer_merge_moves.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN customer_merge_moves.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

COMMENT ON COLUMN customer_merge_moves.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN customer_merge_moves.merge_id IS 'The merge.';

COMMENT ON COLUMN customer_merge_moves.effect IS 'What was done to the row.';

COMMENT ON COLUMN customer_merge_moves.place IS 'Table of the row.';

COMMENT ON COLUMN customer_merge_moves.owner IS 'Column that led to the merged customer and leads to the survivor now; none unless it was moved.';

COMMENT ON COLUMN customer_merge_moves.row_key IS 'Primary key of the row.';

COMMENT ON COLUMN customer_merge_moves.kept IS 'Of a row that was removed the whole of it; else the values that were changed, as they were before.';

create trigger restriction_taken after insert on customer_merge_moves referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on customer_merge_moves for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table customer_merge_moves enable row level security;
