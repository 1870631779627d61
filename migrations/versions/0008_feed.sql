-- Stops those who write events until this is committed: the trigger then sees every event that is not numbered here.
lock table events in share row exclusive mode;

CREATE TABLE event_queue (
    position BIGINT NOT NULL,
    event_id UUID NOT NULL,
    customer_id UUID,
    CONSTRAINT event_queue_pkey PRIMARY KEY (position)
);

COMMENT ON TABLE event_queue IS 'An event that waits for its place in the feed. Kept by the database: it comes with the event.';

COMMENT ON COLUMN event_queue.position IS 'Order of insertion of the event.';

COMMENT ON COLUMN event_queue.event_id IS 'The event.';

COMMENT ON COLUMN event_queue.customer_id IS 'Its customer; none for an anonymous contact.';

CREATE TABLE event_feed (
    number BIGINT NOT NULL,
    event_id UUID NOT NULL,
    customer_id UUID,
    numbered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT event_feed_pkey PRIMARY KEY (number),
    CONSTRAINT event_feed_event_id_key UNIQUE (event_id)
);

CREATE INDEX event_feed_customer_id_number_idx ON event_feed (customer_id, number);

COMMENT ON TABLE event_feed IS 'An event''s place in the feed, in which subscribers follow the history. Numbered after the event is committed.';

COMMENT ON COLUMN event_feed.number IS 'Place in the feed: without gaps, in the order in which events were found committed, and the same for good.';

COMMENT ON COLUMN event_feed.event_id IS 'The event.';

COMMENT ON COLUMN event_feed.customer_id IS 'Its customer; none for an anonymous contact.';

COMMENT ON COLUMN event_feed.numbered_at IS 'When it got its place.';

create function c360_queue_events() returns trigger
    language plpgsql
    as $$begin
        insert into event_queue (position, event_id, customer_id) select position, id, customer_id from new_rows;
        return null;
    end$$;

create function c360_feed_head() returns table (number bigint, event_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as 'select f.number, f.event_id from public.event_feed f order by f.number desc limit 1';

create trigger queued after insert on events referencing new table as new_rows for each statement execute function c360_queue_events();

alter table event_feed enable row level security;

create policy c360_partner on event_feed for select to c360_partner using (exists (select from events e where e.id = event_feed.event_id));

create policy c360_staff on event_feed for select to c360_staff using (true);

create policy c360_staff_unrestricted on event_feed for select to c360_staff_unrestricted using (true);

grant select (number, event_id, customer_id) on public.event_feed to c360_staff;

grant select (number, event_id, customer_id) on public.event_feed to c360_staff_unrestricted;

grant select (number, event_id, customer_id) on public.event_feed to c360_partner;

COMMENT ON COLUMN events.position IS 'Order of insertion.';

-- What is there already, in the order of its insertion.
insert into event_feed (number, event_id, customer_id, numbered_at)
select row_number() over (order by position), id, customer_id, now() from events;
