-- Webhook endpoints of partners, and what is delivered to them.

CREATE TABLE webhook_endpoints (
    id UUID NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    partner_id UUID NOT NULL,
    url TEXT NOT NULL,
    description TEXT,
    event_types TEXT[] NOT NULL,
    scopes TEXT[] NOT NULL,
    status TEXT NOT NULL,
    secret TEXT NOT NULL,
    previous_secret TEXT,
    previous_secret_until TIMESTAMP WITH TIME ZONE,
    feed_number BIGINT NOT NULL,
    failing_since TIMESTAMP WITH TIME ZONE,
    CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (id),
    CONSTRAINT webhook_endpoints_previous_secret_check CHECK ((previous_secret is null) = (previous_secret_until is null)),
    CONSTRAINT webhook_endpoints_feed_number_check CHECK (feed_number >= 0),
    CONSTRAINT webhook_endpoints_partner_id_fkey FOREIGN KEY(partner_id) REFERENCES partners (id),
    CONSTRAINT webhook_endpoints_status_check CHECK (status in ('ACTIVE', 'PAUSED', 'DISABLED', 'REMOVED'))
);

CREATE INDEX webhook_endpoints_created_at_id_idx ON webhook_endpoints (created_at, id);

CREATE INDEX webhook_endpoints_partner_id_created_at_id_idx ON webhook_endpoints (partner_id, created_at, id);

CREATE INDEX webhook_endpoints_status_feed_number_id_idx ON webhook_endpoints (status, feed_number, id);

COMMENT ON TABLE webhook_endpoints IS 'An address of a partner to which events are delivered.';

COMMENT ON COLUMN webhook_endpoints.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN webhook_endpoints.version IS 'Number of the row''s current state; grows by one with each change.';

COMMENT ON COLUMN webhook_endpoints.created_at IS 'When the record was made.';

COMMENT ON COLUMN webhook_endpoints.updated_at IS 'When the record was last changed.';

COMMENT ON COLUMN webhook_endpoints.partner_id IS 'The partner whose endpoint it is.';

COMMENT ON COLUMN webhook_endpoints.url IS 'Where events are sent, by POST.';

COMMENT ON COLUMN webhook_endpoints.description IS 'What it is for, in the words of whoever registered it.';

COMMENT ON COLUMN webhook_endpoints.event_types IS 'The types of events it wants; empty for all that the partner may see.';

COMMENT ON COLUMN webhook_endpoints.scopes IS 'The permissions it delivers with: those of whoever registered it.';

COMMENT ON COLUMN webhook_endpoints.status IS 'Whether it is delivered to.';

COMMENT ON COLUMN webhook_endpoints.secret IS 'Sealed secret by which deliveries are signed.';

COMMENT ON COLUMN webhook_endpoints.previous_secret IS 'Sealed secret that signs too while it is being exchanged.';

COMMENT ON COLUMN webhook_endpoints.previous_secret_until IS 'Until when it does.';

COMMENT ON COLUMN webhook_endpoints.feed_number IS 'Its place in the event feed: all up to there has become deliveries.';

COMMENT ON COLUMN webhook_endpoints.failing_since IS 'Since when no delivery has arrived; none while they arrive.';

alter table webhook_endpoints enable row level security;

create policy c360_partner on webhook_endpoints for select to c360_partner using (partner_id = c360_partner());

create policy c360_staff_unrestricted on webhook_endpoints for select to c360_staff_unrestricted using (true);

grant select (id, version, created_at, updated_at, partner_id, url, description, event_types, scopes, status, previous_secret_until, feed_number, failing_since) on public.webhook_endpoints to c360_staff_unrestricted;

grant select (id, version, created_at, updated_at, partner_id, url, description, event_types, scopes, status, previous_secret_until, feed_number, failing_since) on public.webhook_endpoints to c360_partner;

CREATE TABLE webhook_deliveries (
    id UUID NOT NULL,
    endpoint_id UUID NOT NULL,
    partner_id UUID NOT NULL,
    message TEXT NOT NULL,
    event_id UUID,
    feed_number BIGINT,
    about_id UUID,
    order_key UUID NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at TIMESTAMP WITH TIME ZONE NOT NULL,
    lease UUID,
    leased_until TIMESTAMP WITH TIME ZONE,
    answer_status INTEGER,
    failure TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    attempted_at TIMESTAMP WITH TIME ZONE,
    settled_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (id),
    CONSTRAINT webhook_deliveries_endpoint_id_event_id_key UNIQUE (endpoint_id, event_id),
    CONSTRAINT webhook_deliveries_event_check CHECK ((message = 'EVENT') = (event_id is not null)),
    CONSTRAINT webhook_deliveries_feed_number_check CHECK ((event_id is null) = (feed_number is null)),
    CONSTRAINT webhook_deliveries_lease_check CHECK ((lease is null) = (leased_until is null)),
    CONSTRAINT webhook_deliveries_endpoint_id_fkey FOREIGN KEY(endpoint_id) REFERENCES webhook_endpoints (id),
    CONSTRAINT webhook_deliveries_message_check CHECK (message in ('EVENT', 'TEST', 'ENDPOINT_DISABLED')),
    CONSTRAINT webhook_deliveries_status_check CHECK (status in ('WAITING', 'DELIVERED', 'DEAD', 'WITHHELD'))
);

CREATE INDEX webhook_deliveries_endpoint_id_created_at_id_idx ON webhook_deliveries (endpoint_id, created_at, id);

CREATE INDEX webhook_deliveries_endpoint_id_order_key_feed_number_idx ON webhook_deliveries (endpoint_id, order_key, feed_number) WHERE status = 'WAITING';

CREATE INDEX webhook_deliveries_endpoint_id_status_created_at_id_idx ON webhook_deliveries (endpoint_id, status, created_at, id);

CREATE INDEX webhook_deliveries_next_attempt_at_idx ON webhook_deliveries (next_attempt_at) WHERE status = 'WAITING';

CREATE INDEX webhook_deliveries_settled_at_idx ON webhook_deliveries (settled_at) WHERE settled_at is not null;

COMMENT ON TABLE webhook_deliveries IS 'Something that is delivered to an endpoint, at least once. Kept for thirty days after it was settled.';

COMMENT ON COLUMN webhook_deliveries.id IS 'The row''s UUIDv7; the public id is this with the type''s prefix.';

COMMENT ON COLUMN webhook_deliveries.endpoint_id IS 'The endpoint.';

COMMENT ON COLUMN webhook_deliveries.partner_id IS 'The partner whose endpoint it is.';

COMMENT ON COLUMN webhook_deliveries.message IS 'What it carries.';

COMMENT ON COLUMN webhook_deliveries.event_id IS 'The event; none in a message of the service itself.';

COMMENT ON COLUMN webhook_deliveries.feed_number IS 'The event''s place in the feed.';

COMMENT ON COLUMN webhook_deliveries.about_id IS 'The endpoint that was disabled, in the news of it.';

COMMENT ON COLUMN webhook_deliveries.order_key IS 'What order is kept by: the event''s customer, or the message alone.';

COMMENT ON COLUMN webhook_deliveries.status IS 'What became of it.';

COMMENT ON COLUMN webhook_deliveries.attempts IS 'How often it was tried.';

COMMENT ON COLUMN webhook_deliveries.next_attempt_at IS 'It is not tried before this moment.';

COMMENT ON COLUMN webhook_deliveries.lease IS 'The attempt that is being made.';

COMMENT ON COLUMN webhook_deliveries.leased_until IS 'When that attempt counts as lost.';

COMMENT ON COLUMN webhook_deliveries.answer_status IS 'HTTP status of the last answer.';

COMMENT ON COLUMN webhook_deliveries.failure IS 'Why the last attempt failed, as a code.';

COMMENT ON COLUMN webhook_deliveries.created_at IS 'When it was put in line.';

COMMENT ON COLUMN webhook_deliveries.attempted_at IS 'When it was last tried.';

COMMENT ON COLUMN webhook_deliveries.settled_at IS 'When it was delivered, given up or withheld.';

alter table webhook_deliveries enable row level security;

create policy c360_partner on webhook_deliveries for select to c360_partner using (partner_id = c360_partner() and status <> 'WITHHELD');

create policy c360_staff_unrestricted on webhook_deliveries for select to c360_staff_unrestricted using (true);

grant select (id, endpoint_id, partner_id, message, event_id, feed_number, status, attempts, next_attempt_at, answer_status, failure, created_at, attempted_at, settled_at) on public.webhook_deliveries to c360_staff_unrestricted;

grant select (id, endpoint_id, partner_id, message, event_id, feed_number, status, attempts, next_attempt_at, answer_status, failure, created_at, attempted_at, settled_at) on public.webhook_deliveries to c360_partner;
