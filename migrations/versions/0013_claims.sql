ALTER TABLE claims ADD COLUMN proposed_amount NUMERIC(14, 2);

COMMENT ON COLUMN claims.proposed_amount IS 'What its handler proposes to pay in all.';

ALTER TABLE claims ADD COLUMN proposed_at TIMESTAMP WITH TIME ZONE;

COMMENT ON COLUMN claims.proposed_at IS 'When that was proposed; approvals count from then on.';

ALTER TABLE claims ADD COLUMN proposed_by TEXT;

COMMENT ON COLUMN claims.proposed_by IS 'Who proposed it, as the history names them; they may not approve it.';

ALTER TABLE claims ADD COLUMN rejection_reason TEXT;

COMMENT ON COLUMN claims.rejection_reason IS 'Why it was rejected.';

ALTER TABLE claims ADD CONSTRAINT claims_rejection_reason_check CHECK (rejection_reason in ('NOT_COVERED', 'EXCLUDED', 'NOT_IN_FORCE', 'BELOW_DEDUCTIBLE', 'NOT_PROVEN', 'REPORTED_LATE', 'DUPLICATE', 'OTHER'));

ALTER TABLE claims ADD COLUMN decision_note TEXT;

COMMENT ON COLUMN claims.decision_note IS 'Why it was rejected, withdrawn or reopened, in words.';

ALTER TABLE claim_documents ADD COLUMN verified_at TIMESTAMP WITH TIME ZONE;

COMMENT ON COLUMN claim_documents.verified_at IS 'When it was accepted or refused.';

ALTER TABLE claim_documents ADD COLUMN verified_by_id UUID;

COMMENT ON COLUMN claim_documents.verified_by_id IS 'Who accepted or refused it.';

ALTER TABLE claim_documents ADD CONSTRAINT claim_documents_verified_by_id_fkey FOREIGN KEY(verified_by_id) REFERENCES agents (id);

ALTER TABLE claim_documents ADD COLUMN rejection_reason TEXT;

COMMENT ON COLUMN claim_documents.rejection_reason IS 'Why it was refused.';

grant select (verified_at) on public.claim_documents to c360_partner;

drop view c360_staff.claims;

create view c360_staff.claims as select t.id, t.version, t.created_at, t.updated_at, t.restricted, t.customer_id, t.number, t.contract_id, t.status, t.cause, t.incident_on, t.incident_place, t.description, t.reported_at, t.currency, t.claimed_amount, t.reserve_amount, t.proposed_amount, t.proposed_at, t.proposed_by, t.approved_amount, t.paid_amount, t.handler_id, t.rejection_reason, t.decision_note, t.closed_at, t.attributes from public.claims t where not t.restricted;

grant select on c360_staff.claims to c360_staff;

drop view c360_staff.claim_documents;

create view c360_staff.claim_documents as select t.id, t.restricted, t.customer_id, t.claim_id, t.kind, t.status, t.name, t.requested_at, t.received_at, t.verified_at, t.verified_by_id, t.rejection_reason from public.claim_documents t where not t.restricted;

grant select on c360_staff.claim_documents to c360_staff;

CREATE TABLE claim_approvals (
    id UUID NOT NULL,
    restricted BOOLEAN DEFAULT false NOT NULL,
    customer_id UUID NOT NULL,
    claim_id UUID NOT NULL,
    level INTEGER NOT NULL,
    amount NUMERIC(14, 2) NOT NULL,
    currency TEXT NOT NULL,
    approved_by TEXT NOT NULL,
    agent_id UUID,
    approved_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT claim_approvals_pkey PRIMARY KEY (id),
    CONSTRAINT claim_approvals_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT claim_approvals_claim_id_fkey FOREIGN KEY(claim_id) REFERENCES claims (id),
    CONSTRAINT claim_approvals_agent_id_fkey FOREIGN KEY(agent_id) REFERENCES agents (id)
);

CREATE INDEX claim_approvals_claim_id_approved_at_id_idx ON claim_approvals (claim_id, approved_at, id);

CREATE INDEX claim_approvals_customer_id_id_idx ON claim_approvals (customer_id, id);

COMMENT ON TABLE claim_approvals IS 'An approval of the amount that was proposed for a claim.';

COMMENT ON COLUMN claim_approvals.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN claim_approvals.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

COMMENT ON COLUMN claim_approvals.customer_id IS 'The customer the record belongs to.';

COMMENT ON COLUMN claim_approvals.claim_id IS 'The claim.';

COMMENT ON COLUMN claim_approvals.level IS 'Which approval of the amount it is: 1, or 2 where the amount asks for a second one.';

COMMENT ON COLUMN claim_approvals.amount IS 'What was approved.';

COMMENT ON COLUMN claim_approvals.currency IS 'Currency (ISO 4217).';

COMMENT ON COLUMN claim_approvals.approved_by IS 'Who approved, as the history names them.';

COMMENT ON COLUMN claim_approvals.agent_id IS 'The agent who approved.';

COMMENT ON COLUMN claim_approvals.approved_at IS 'When.';

create trigger restriction_taken after insert on claim_approvals referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on claim_approvals for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table claim_approvals enable row level security;

create policy c360_staff_unrestricted on claim_approvals for select to c360_staff_unrestricted using (true);

create view c360_staff.claim_approvals as select t.id, t.restricted, t.customer_id, t.claim_id, t.level, t.amount, t.currency, t.approved_by, t.agent_id, t.approved_at from public.claim_approvals t where not t.restricted;

grant select on c360_staff.claim_approvals to c360_staff;

grant select on public.claim_approvals to c360_staff_unrestricted;
