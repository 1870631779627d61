ALTER TABLE payments ADD COLUMN refund_of_id UUID;

COMMENT ON COLUMN payments.refund_of_id IS 'The payment that was paid back with it.';

ALTER TABLE payments ADD CONSTRAINT payments_refund_of_id_fkey FOREIGN KEY(refund_of_id) REFERENCES payments (id);

CREATE INDEX payments_currency_amount_due_on_id_idx ON payments (currency, amount, due_on, id) WHERE status in ('SCHEDULED', 'DUE', 'OVERDUE');

CREATE INDEX payments_refund_of_id_idx ON payments (refund_of_id);

drop view c360_staff.payments;

create view c360_staff.payments as select t.id, t.version, t.created_at, t.updated_at, t.restricted, t.customer_id, t.contract_id, t.kind, t.status, t.method, t.amount, t.currency, t.period_from, t.period_to, t.due_on, t.paid_at, t.reference, t.refund_of_id from public.payments t where not t.restricted;

grant select on c360_staff.payments to c360_staff;

grant select (refund_of_id) on public.payments to c360_partner;

ALTER TABLE events DROP CONSTRAINT events_subject_kind_check;

ALTER TABLE events ADD CONSTRAINT events_subject_kind_check CHECK (subject_kind in ('CUSTOMER', 'RELATIONSHIP', 'HOUSEHOLD', 'CONTRACT', 'PAYMENT', 'RECEIPT', 'ORDER', 'CLAIM', 'INTERACTION', 'COMPLAINT', 'FOLLOW_UP'));

ALTER TABLE partner_book DROP CONSTRAINT partner_book_kind_check;

ALTER TABLE partner_book ADD CONSTRAINT partner_book_kind_check CHECK (kind in ('CUSTOMER', 'RELATIONSHIP', 'HOUSEHOLD', 'CONTRACT', 'PAYMENT', 'RECEIPT', 'ORDER', 'CLAIM', 'INTERACTION', 'COMPLAINT', 'FOLLOW_UP'));

CREATE TABLE receipts (
    id UUID NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    restricted BOOLEAN DEFAULT false NOT NULL,
    customer_id UUID,
    status TEXT NOT NULL,
    amount NUMERIC(14, 2) NOT NULL,
    matched_amount NUMERIC(14, 2) NOT NULL,
    returned_amount NUMERIC(14, 2) NOT NULL,
    remaining_amount NUMERIC(14, 2) NOT NULL,
    currency TEXT NOT NULL,
    method TEXT NOT NULL,
    received_on DATE NOT NULL,
    payer_name TEXT,
    reference TEXT,
    bank_reference TEXT,
    return_reason TEXT,
    returned_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT receipts_pkey PRIMARY KEY (id),
    CONSTRAINT receipts_adds_up_check CHECK (amount > 0 and least(matched_amount, returned_amount, remaining_amount) >= 0 and amount = matched_amount + returned_amount + remaining_amount),
    CONSTRAINT receipts_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT receipts_bank_reference_key UNIQUE (bank_reference),
    CONSTRAINT receipts_status_check CHECK (status in ('UNMATCHED', 'PARTLY_MATCHED', 'MATCHED', 'RETURNED')),
    CONSTRAINT receipts_method_check CHECK (method in ('DIRECT_DEBIT', 'BANK_TRANSFER', 'CARD', 'WALLET', 'CASH', 'CHEQUE')),
    CONSTRAINT receipts_return_reason_check CHECK (return_reason in ('NOT_IDENTIFIED', 'NOT_FOR_US', 'PAID_TWICE', 'PAID_TOO_MUCH', 'NOTHING_OWED', 'PAYER_REQUEST'))
);

CREATE INDEX receipts_customer_id_received_on_id_idx ON receipts (customer_id, received_on, id);

CREATE INDEX receipts_received_on_id_idx ON receipts (received_on, id);

CREATE INDEX receipts_restricted_idx ON receipts (restricted);

CREATE INDEX receipts_status_received_on_id_idx ON receipts (status, received_on, id);

COMMENT ON TABLE receipts IS 'A sum that came in. Matched with payments, it pays them; what nobody knows a payment for is sent back.';

COMMENT ON COLUMN receipts.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN receipts.version IS 'Number of the row''s current state; grows by one with each change.';

COMMENT ON COLUMN receipts.created_at IS 'When the record was made.';

COMMENT ON COLUMN receipts.updated_at IS 'When the record was last changed.';

COMMENT ON COLUMN receipts.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

COMMENT ON COLUMN receipts.customer_id IS 'The customer for whom it is matched; none as long as it is not.';

COMMENT ON COLUMN receipts.status IS 'Where it stands.';

COMMENT ON COLUMN receipts.amount IS 'The sum that came in.';

COMMENT ON COLUMN receipts.matched_amount IS 'What of it pays something.';

COMMENT ON COLUMN receipts.returned_amount IS 'What of it was sent back.';

COMMENT ON COLUMN receipts.remaining_amount IS 'What is left of it.';

COMMENT ON COLUMN receipts.currency IS 'Currency (ISO 4217).';

COMMENT ON COLUMN receipts.method IS 'How it came.';

COMMENT ON COLUMN receipts.received_on IS 'Day it came in.';

COMMENT ON COLUMN receipts.payer_name IS 'Who paid, as the bank or the payer wrote it.';

COMMENT ON COLUMN receipts.reference IS 'What the payer wrote it is for.';

COMMENT ON COLUMN receipts.bank_reference IS 'The bank''s or payment provider''s own reference of the transaction; there is one receipt of each.';

COMMENT ON COLUMN receipts.return_reason IS 'Why something was sent back.';

COMMENT ON COLUMN receipts.returned_at IS 'When something was sent back last.';

create trigger restriction_taken after insert on receipts referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on receipts for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table receipts enable row level security;

create policy c360_staff_unrestricted on receipts for select to c360_staff_unrestricted using (true);

create view c360_staff.receipts as select t.id, t.version, t.created_at, t.updated_at, t.restricted, t.customer_id, t.status, t.amount, t.matched_amount, t.returned_amount, t.remaining_amount, t.currency, t.method, t.received_on, t.payer_name, t.reference, t.bank_reference, t.return_reason, t.returned_at from public.receipts t where not t.restricted;

grant select on c360_staff.receipts to c360_staff;

grant select on public.receipts to c360_staff_unrestricted;

CREATE TABLE receipt_matches (
    id UUID NOT NULL,
    restricted BOOLEAN DEFAULT false NOT NULL,
    customer_id UUID NOT NULL,
    receipt_id UUID NOT NULL,
    payment_id UUID NOT NULL,
    amount NUMERIC(14, 2) NOT NULL,
    currency TEXT NOT NULL,
    status_before TEXT NOT NULL,
    method_before TEXT,
    matched_at TIMESTAMP WITH TIME ZONE NOT NULL,
    matched_by TEXT NOT NULL,
    undone_at TIMESTAMP WITH TIME ZONE,
    undone_by TEXT,
    undone_reason TEXT,
    CONSTRAINT receipt_matches_pkey PRIMARY KEY (id),
    CONSTRAINT receipt_matches_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT receipt_matches_receipt_id_fkey FOREIGN KEY(receipt_id) REFERENCES receipts (id),
    CONSTRAINT receipt_matches_payment_id_fkey FOREIGN KEY(payment_id) REFERENCES payments (id),
    CONSTRAINT receipt_matches_status_before_check CHECK (status_before in ('SCHEDULED', 'DUE', 'PAID', 'OVERDUE', 'FAILED', 'REFUNDED', 'WAIVED')),
    CONSTRAINT receipt_matches_method_before_check CHECK (method_before in ('DIRECT_DEBIT', 'BANK_TRANSFER', 'CARD', 'WALLET', 'CASH', 'CHEQUE'))
);

CREATE INDEX receipt_matches_customer_id_id_idx ON receipt_matches (customer_id, id);

CREATE UNIQUE INDEX receipt_matches_payment_id_idx ON receipt_matches (payment_id) WHERE undone_at is null;

CREATE INDEX receipt_matches_payment_id_matched_at_id_idx ON receipt_matches (payment_id, matched_at, id);

CREATE INDEX receipt_matches_receipt_id_matched_at_id_idx ON receipt_matches (receipt_id, matched_at, id);

COMMENT ON TABLE receipt_matches IS 'That a receipt, or a part of it, pays a payment. One that was taken back stays, for the history.';

COMMENT ON COLUMN receipt_matches.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN receipt_matches.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

COMMENT ON COLUMN receipt_matches.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN receipt_matches.receipt_id IS 'The receipt.';

COMMENT ON COLUMN receipt_matches.payment_id IS 'What it pays.';

COMMENT ON COLUMN receipt_matches.amount IS 'The part of the receipt: all that the payment asks for.';

COMMENT ON COLUMN receipt_matches.currency IS 'Currency (ISO 4217).';

COMMENT ON COLUMN receipt_matches.status_before IS 'Where the payment stood before.';

COMMENT ON COLUMN receipt_matches.method_before IS 'How the payment would have been made otherwise, if that was known.';

COMMENT ON COLUMN receipt_matches.matched_at IS 'When it was matched.';

COMMENT ON COLUMN receipt_matches.matched_by IS 'Who matched it, as the history names them.';

COMMENT ON COLUMN receipt_matches.undone_at IS 'When the match was taken back; none while it holds.';

COMMENT ON COLUMN receipt_matches.undone_by IS 'Who took it back, as the history names them.';

COMMENT ON COLUMN receipt_matches.undone_reason IS 'Why it was taken back, in a line.';

create trigger restriction_taken after insert on receipt_matches referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on receipt_matches for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table receipt_matches enable row level security;

create policy c360_staff_unrestricted on receipt_matches for select to c360_staff_unrestricted using (true);

create view c360_staff.receipt_matches as select t.id, t.restricted, t.customer_id, t.receipt_id, t.payment_id, t.amount, t.currency, t.status_before, t.method_before, t.matched_at, t.matched_by, t.undone_at, t.undone_by, t.undone_reason from public.receipt_matches t where not t.restricted;

grant select on c360_staff.receipt_matches to c360_staff;

grant select on public.receipt_matches to c360_staff_unrestricted;
