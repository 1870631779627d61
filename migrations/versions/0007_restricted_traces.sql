-- What tells of restricted customers without being theirs alone: events about relationships, and households.

drop view c360_staff.events;

create view c360_staff.events as select t.id, t.restricted, t.position, t.transaction_id, t.customer_id, t.type, t.category, t.source, t.summary, t.occurred_at, t.recorded_at, t.subject_kind, t.subject_id, t.cause_id, t.correlation_id, t.actor, t.payload from public.events t where not t.restricted and not (t.subject_kind = 'RELATIONSHIP' and exists (select from public.relationships r where r.id = t.subject_id and r.restricted));

grant select on c360_staff.events to c360_staff;

drop policy c360_staff on households;

revoke select on public.households from c360_staff;

create view c360_staff.households as select t.id, t.version, t.created_at, t.updated_at, t.number, t.name, t.formed_on, t.dissolved_on from public.households t where not exists (select from public.household_members m where m.household_id = t.id and m.restricted) or exists (select from public.household_members m where m.household_id = t.id and not m.restricted);

grant select on c360_staff.households to c360_staff;
