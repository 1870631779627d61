-- Follow-up tasks of contacts, and events about them.

ALTER TABLE events DROP CONSTRAINT events_subject_kind_check;

ALTER TABLE events ADD CONSTRAINT events_subject_kind_check CHECK (subject_kind in ('CUSTOMER', 'RELATIONSHIP', 'HOUSEHOLD', 'CONTRACT', 'PAYMENT', 'ORDER', 'CLAIM', 'INTERACTION', 'COMPLAINT', 'FOLLOW_UP'));

ALTER TABLE partner_book DROP CONSTRAINT partner_book_kind_check;

ALTER TABLE partner_book ADD CONSTRAINT partner_book_kind_check CHECK (kind in ('CUSTOMER', 'RELATIONSHIP', 'HOUSEHOLD', 'CONTRACT', 'PAYMENT', 'ORDER', 'CLAIM', 'INTERACTION', 'COMPLAINT', 'FOLLOW_UP'));

CREATE TABLE follow_ups (
    id UUID NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    restricted BOOLEAN DEFAULT false NOT NULL,
    customer_id UUID,
    interaction_id UUID NOT NULL,
    assignee_id UUID NOT NULL,
    requester_id UUID,
    subject TEXT NOT NULL,
    note TEXT,
    priority TEXT NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    status TEXT NOT NULL,
    outcome TEXT,
    completed_at TIMESTAMP WITH TIME ZONE,
    completing_interaction_id UUID,
    CONSTRAINT follow_ups_pkey PRIMARY KEY (id),
    CONSTRAINT follow_ups_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers (id),
    CONSTRAINT follow_ups_interaction_id_fkey FOREIGN KEY(interaction_id) REFERENCES interactions (id),
    CONSTRAINT follow_ups_assignee_id_fkey FOREIGN KEY(assignee_id) REFERENCES agents (id),
    CONSTRAINT follow_ups_requester_id_fkey FOREIGN KEY(requester_id) REFERENCES agents (id),
    CONSTRAINT follow_ups_completing_interaction_id_fkey FOREIGN KEY(completing_interaction_id) REFERENCES interactions (id),
    CONSTRAINT follow_ups_priority_check CHECK (priority in ('LOW', 'NORMAL', 'HIGH', 'URGENT')),
    CONSTRAINT follow_ups_status_check CHECK (status in ('OPEN', 'COMPLETED', 'CANCELLED'))
);

CREATE INDEX follow_ups_assignee_id_status_due_at_id_idx ON follow_ups (assignee_id, status, due_at, id);

CREATE INDEX follow_ups_status_due_at_id_idx ON follow_ups (status, due_at, id);

CREATE INDEX follow_ups_customer_id_due_at_id_idx ON follow_ups (customer_id, due_at, id);

CREATE INDEX follow_ups_requester_id_due_at_id_idx ON follow_ups (requester_id, due_at, id);

CREATE INDEX follow_ups_assignee_id_due_at_id_idx ON follow_ups (assignee_id, due_at, id);

CREATE INDEX follow_ups_interaction_id_due_at_id_idx ON follow_ups (interaction_id, due_at, id);

CREATE INDEX follow_ups_due_at_id_idx ON follow_ups (due_at, id);

CREATE INDEX follow_ups_restricted_idx ON follow_ups (restricted);

CREATE INDEX follow_ups_completing_interaction_id_due_at_id_idx ON follow_ups (completing_interaction_id, due_at, id);

CREATE INDEX follow_ups_priority_idx ON follow_ups (priority);

COMMENT ON TABLE follow_ups IS 'A task that a contact leaves behind, such as to call back on Tuesday about the quote.';

COMMENT ON COLUMN follow_ups.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN follow_ups.version IS 'Number of the row''s current state; grows by one with each change.';

COMMENT ON COLUMN follow_ups.created_at IS 'When the record was made.';

COMMENT ON COLUMN follow_ups.updated_at IS 'When the record was last changed.';

COMMENT ON COLUMN follow_ups.restricted IS 'Whether a customer the record belongs to is restricted; kept by the database.';

COMMENT ON COLUMN follow_ups.customer_id IS 'The customer; none where the contact was anonymous.';

COMMENT ON COLUMN follow_ups.interaction_id IS 'The contact it came of.';

COMMENT ON COLUMN follow_ups.assignee_id IS 'The agent who is to do it.';

COMMENT ON COLUMN follow_ups.requester_id IS 'The agent who asked for it; none where no agent did.';

COMMENT ON COLUMN follow_ups.subject IS 'What is to be done, in a line.';

COMMENT ON COLUMN follow_ups.note IS 'What is good to know for it.';

COMMENT ON COLUMN follow_ups.priority IS 'How urgent it is.';

COMMENT ON COLUMN follow_ups.due_at IS 'Until when it is to be done.';

COMMENT ON COLUMN follow_ups.status IS 'Where it stands.';

COMMENT ON COLUMN follow_ups.outcome IS 'What came of it; of a cancelled one, why it was cancelled.';

COMMENT ON COLUMN follow_ups.completed_at IS 'When it was completed.';

COMMENT ON COLUMN follow_ups.completing_interaction_id IS 'The contact in which it was done, if it was one.';

create trigger restriction_taken after insert on follow_ups referencing new table as new_rows for each statement execute function c360_take_restriction('customer_id');

create trigger restriction_kept before update of customer_id, restricted on follow_ups for each row when ((old.customer_id, old.restricted) is distinct from (new.customer_id, new.restricted)) execute function c360_keep_restriction('customer_id');

alter table follow_ups enable row level security;

create policy c360_staff_unrestricted on follow_ups for select to c360_staff_unrestricted using (true);

create view c360_staff.follow_ups as select t.id, t.version, t.created_at, t.updated_at, t.restricted, t.customer_id, t.interaction_id, t.assignee_id, t.requester_id, t.subject, t.note, t.priority, t.due_at, t.status, t.outcome, t.completed_at, t.completing_interaction_id from public.follow_ups t where not t.restricted;

grant select on c360_staff.follow_ups to c360_staff;

grant select on public.follow_ups to c360_staff_unrestricted;
