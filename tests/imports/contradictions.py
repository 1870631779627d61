"""What must not be in the demo world: rows that contradict one another, each found by a statement."""

import psycopg

TODAY = "date '2026-11-01'"

CONTRADICTIONS = {
    "claim outside the contract's term": """
        select from claims c join contracts k on k.id = c.contract_id
        where c.incident_on < k.started_on or c.incident_on > coalesce(k.ends_on, 'infinity')
           or c.incident_on > coalesce(k.ended_on, 'infinity') or c.customer_id <> k.customer_id""",
    "claim above the sum insured": """
        select from claims c join contracts k on k.id = c.contract_id where c.claimed_amount > k.coverage_amount""",
    "claim reported before its incident": """
        select from claims where reported_at < incident_on""",
    "claim closed before it was reported": """
        select from claims where closed_at < reported_at""",
    "cause that does not fit the line of business": """
        select from claims c join contracts k on k.id = c.contract_id join products p on p.id = k.product_id
        join product_categories g on g.id = p.category_id
        where (g.line_of_business, c.cause) not in (select * from (values
            ('MOTOR','COLLISION'), ('MOTOR','GLASS'), ('MOTOR','THEFT'), ('MOTOR','VANDALISM'), ('MOTOR','STORM'),
            ('MOTOR','OTHER'), ('HOME','WATER'), ('HOME','STORM'), ('HOME','FIRE'), ('HOME','GLASS'), ('HOME','THEFT'),
            ('HOME','VANDALISM'), ('LIABILITY','LIABILITY'), ('LEGAL','LEGAL_DISPUTE'), ('LIFE','DEATH'),
            ('HEALTH','ILLNESS'), ('HEALTH','INJURY'), ('ACCIDENT','INJURY'), ('TRAVEL','CANCELLATION'),
            ('TRAVEL','ILLNESS'), ('TRAVEL','THEFT'), ('COMMERCIAL','WATER'), ('COMMERCIAL','STORM'),
            ('COMMERCIAL','FIRE'), ('COMMERCIAL','GLASS'), ('COMMERCIAL','THEFT'), ('COMMERCIAL','VANDALISM'),
            ('COMMERCIAL','LIABILITY'), ('COMMERCIAL','OTHER')) fitting)""",
    "claim whose payments do not add up": """
        select from claims c where paid_amount <> coalesce(
            (select sum(amount) from claim_payments p where p.claim_id = c.id and p.status = 'PAID'), 0)""",
    "claim paid without approval, or approved and not paid": """
        select from claims where paid_amount > coalesce(approved_amount, 0) or approved_amount > claimed_amount
           or (status in ('SETTLED', 'CLOSED') and paid_amount <> approved_amount)
           or (status in ('REJECTED', 'WITHDRAWN') and approved_amount is not null)
           or (status in ('SETTLED', 'CLOSED', 'REJECTED', 'WITHDRAWN')) <> (closed_at is not null)""",
    "contract from an order that was not issued": """
        select from contracts k join orders o on o.id = k.order_id
        where o.status <> 'ISSUED' or o.customer_id <> k.customer_id or o.product_id <> k.product_id
           or o.currency <> k.currency or o.billing_frequency <> k.billing_frequency
           or k.premium_amount < o.premium_amount or k.created_at < o.decided_at""",
    "issued order without a contract": """
        select from orders o where status = 'ISSUED'
        and not exists (select from contracts k where k.order_id = o.id)""",
    "order whose steps do not lead from draft to its status": """
        select from orders o where
            (select to_status from order_status_changes s where s.order_id = o.id
             order by changed_at, id limit 1) <> 'DRAFT'
            or (select count(*) from order_status_changes s where s.order_id = o.id and from_status is null) <> 1
            or o.version <> (select count(*) from order_status_changes s where s.order_id = o.id)
            or not exists (select from order_status_changes s where s.order_id = o.id
                           and s.to_status = o.status and s.changed_at = o.updated_at)""",
    "order before its customer": """
        select from orders o join customers c on c.id = o.customer_id where o.created_at < c.created_at""",
    "medical exam that does not fit its order": """
        select from medical_exams m join orders o on o.id = m.order_id
        where (o.status = 'ISSUED' and m.status <> 'COMPLETED')
           or (m.status = 'COMPLETED') <> (m.completed_at is not null)
           or (m.result is not null) <> (m.status = 'COMPLETED')""",
    "annual premium that does not follow from the premium": """
        select from contracts where annual_premium_amount <> premium_amount * case billing_frequency
            when 'MONTHLY' then 12 when 'QUARTERLY' then 4 when 'SEMI_ANNUAL' then 2 when 'ANNUAL' then 1 end""",
    "contract whose dates contradict its status": f"""
        select from contracts where ends_on < started_on or ended_on < started_on or ended_on > ends_on
           or (status in ('ACTIVE', 'GRACE_PERIOD')
               and (started_on > {TODAY} or ends_on < {TODAY} or ended_on is not null))
           or (status = 'PENDING' and started_on <= {TODAY})
           or (status in ('LAPSED', 'CANCELLED', 'MATURED') and (ended_on is null or ended_on > {TODAY}))
           or (status = 'EXPIRED' and (ends_on is null or ends_on >= {TODAY}))
           or (status = 'GRACE_PERIOD' and (grace_period_ends_on is null or grace_period_ends_on < {TODAY}))
           or renewal_on <= {TODAY}""",
    "contract in force of someone not active": """
        select from contracts k join customers c on c.id = k.customer_id
        where k.status in ('ACTIVE', 'GRACE_PERIOD') and c.status not in ('ACTIVE', 'SUSPENDED')""",
    "active customer without a contract in force": """
        select from customers c where c.status = 'ACTIVE' and not exists (
            select from contract_parties p join contracts k on k.id = p.contract_id
            where p.party_customer_id = c.id and k.status in ('ACTIVE', 'GRACE_PERIOD'))""",
    "contract without exactly one policyholder, its customer, and an insured": """
        select from contracts k where
            (select array_agg(party_customer_id) from contract_parties p
             where p.contract_id = k.id and role = 'POLICYHOLDER') is distinct from array[k.customer_id]
            or not exists (select from contract_parties p where p.contract_id = k.id and role = 'INSURED')""",
    "beneficiaries whose shares do not add up to 100": """
        select from contract_parties where role = 'BENEFICIARY' group by contract_id, rank
        having sum(share_percent) <> 100""",
    "life contract without a beneficiary": """
        select from contracts k join products p on p.id = k.product_id join product_categories g on g.id = p.category_id
        where g.line_of_business = 'LIFE' and not exists (
            select from contract_parties b where b.contract_id = k.id and role = 'BENEFICIARY' and rank = 'PRIMARY')""",
    "payment that is not the premium": """
        select from payments p join contracts k on k.id = p.contract_id
        where p.customer_id <> k.customer_id or p.currency <> k.currency
           or (p.kind = 'PREMIUM' and p.amount <> k.premium_amount) or (p.kind = 'REFUND' and p.amount >= 0)""",
    "period that was paid for twice": """
        select from payments where kind = 'PREMIUM' and status not in ('FAILED') group by contract_id, due_on
        having count(*) > 1""",
    "payment whose times contradict its status": f"""
        select from payments where (status = 'PAID') <> (paid_at is not null) or paid_at < created_at
           or (status = 'SCHEDULED' and due_on <= {TODAY}) or (status = 'OVERDUE' and due_on >= {TODAY})""",
    "premium for a time without cover": """
        select from payments p join contracts k on k.id = p.contract_id
        where p.kind = 'PREMIUM' and (p.due_on < k.started_on or p.due_on > k.ended_on)""",
    "spouse who is not one in return": """
        select from relationships r where kind in ('SPOUSE', 'PARTNER', 'SIBLING') and not exists (
            select from relationships b where b.kind = r.kind and b.customer_id = r.related_customer_id
            and b.related_customer_id = r.customer_id and b.started_on = r.started_on)""",
    "spouse who is not married": """
        select from relationships r join customers c on c.id = r.customer_id
        where r.kind = 'SPOUSE' and r.ended_on is null and c.marital_status <> 'MARRIED' and c.status <> 'DECEASED'""",
    "child without a parent in return, or older than the parent": """
        select from relationships r join customers p on p.id = r.customer_id
        join customers c on c.id = r.related_customer_id
        where r.kind = 'CHILD' and (c.birth_date < p.birth_date + 365 * 15 or not exists (
            select from relationships b where b.kind = 'PARENT' and b.customer_id = c.id
            and b.related_customer_id = p.id))""",
    "member of two households": """
        select from household_members where left_on is null group by customer_id having count(*) > 1""",
    "household without exactly one head": """
        select from household_members group by household_id having count(*) filter (where role = 'HEAD') <> 1""",
    "family that does not live together": """
        select from household_members m join addresses a on a.customer_id = m.customer_id
        where a.kind = 'PHYSICAL' and a.valid_to is null and m.left_on is null
        group by m.household_id having count(distinct (a.street, a.postal_code)) > 1""",
    "complaint not due in 30 days": """
        select from complaints where due_on <> (filed_at at time zone 'UTC')::date + 30
           or (status in ('RESOLVED', 'CLOSED')) <> (resolved_at is not null) or resolved_at < filed_at
           or (status = 'ESCALATED') <> (regulator_reference is not null)""",
    "complaint apart from its contact": """
        select from complaints b left join interactions i on i.id = b.interaction_id
        where i.customer_id is distinct from b.customer_id or i.type <> 'COMPLAINT'""",
    "follow-up task apart from its contact, or before it": """
        select from follow_ups f join interactions i on i.id = f.interaction_id
        where i.customer_id is distinct from f.customer_id or f.created_at < i.occurred_at
           or i.outcome is distinct from 'FOLLOW_UP' or f.requester_id is distinct from i.agent_id""",
    "contact that leaves something to be done without saying what": """
        select from interactions i where outcome = 'FOLLOW_UP'
        and not exists (select from follow_ups f where f.interaction_id = i.id)""",
    "follow-up task whose times contradict its status": """
        select from follow_ups where due_at <= created_at or updated_at < created_at
           or (status = 'COMPLETED') <> (completed_at is not null) or completed_at <> updated_at
           or (status = 'OPEN') <> (outcome is null) or (status = 'OPEN') <> (version = 1)""",
    "follow-up task of an agent who is not there": """
        select from follow_ups f join agents a on a.id = f.assignee_id
        where f.due_at < a.hired_on or (f.status = 'OPEN' and a.status = 'LEFT')""",
    "follow-up task that fell due untold, or ended in another way than told": f"""
        select from follow_ups f where
            (f.due_at < case status when 'OPEN' then {TODAY} else updated_at end) <> exists (
                select from events e where e.subject_id = f.id and e.type = 'FollowUpDue' and e.occurred_at = f.due_at
                and (e.payload->>'dueAt')::timestamptz = f.due_at)
            or (select array_agg(type) from events e where e.subject_id = f.id
                and type not in ('FollowUpCreated', 'FollowUpDue')) is distinct from
                case status when 'COMPLETED' then '{{FollowUpCompleted}}'::text[]
                            when 'CANCELLED' then '{{FollowUpCancelled}}' end""",
    "interaction about another's contract or a later one": """
        select from interactions i join contracts k on k.id = i.contract_id
        where k.customer_id <> i.customer_id or i.occurred_at < k.created_at""",
    "interaction before its customer": """
        select from interactions i join customers c on c.id = i.customer_id where i.occurred_at < c.created_at""",
    "interaction that is anonymous, or not": """
        select from interactions where (customer_id is null) <> (anonymous_reference is not null)""",
    "agent who served before being hired": """
        select from interactions i join agents a on a.id = i.agent_id where i.occurred_at < a.hired_on""",
    "history of the dead": """
        select from interactions i join customers c on c.id = i.customer_id join events e on e.customer_id = c.id
        where c.status = 'DECEASED' and e.type = 'CustomerStatusChanged' and i.occurred_at > e.occurred_at
          and i.type <> 'CLAIM_INQUIRY' /* the heirs may ask about a claim */""",
    "event after today": f"""
        select from events where occurred_at >= {TODAY} or recorded_at >= {TODAY}""",
    "event recorded before it occurred": """
        select from events where recorded_at < occurred_at""",
    "event led to by a later one, or by another's": """
        select from events e join events c on c.id = e.cause_id
        where c.occurred_at > e.occurred_at or c.customer_id is distinct from e.customer_id""",
    "event about nothing": """
        select from events e where not exists (select from (
            select id, 'CUSTOMER' kind from customers union all select id, 'RELATIONSHIP' from relationships
            union all select id, 'HOUSEHOLD' from households union all select id, 'CONTRACT' from contracts
            union all select id, 'PAYMENT' from payments union all select id, 'ORDER' from orders
            union all select id, 'CLAIM' from claims union all select id, 'INTERACTION' from interactions
            union all select id, 'COMPLAINT' from complaints union all select id, 'FOLLOW_UP' from follow_ups) o
            where o.id = e.subject_id and o.kind = e.subject_kind)""",
    "something that happened without an event": """
        select from (
            select id, customer_id, '{ContractIssued}'::text[] types from contracts
            union all select id, customer_id, '{ClaimSubmitted}' from claims
            union all select id, customer_id, '{OrderDrafted,OrderSubmitted}' from orders
            union all select id, customer_id, '{ComplaintReceived}' from complaints
            union all select id, customer_id, '{InteractionLogged,OfferMade}' from interactions
            union all select id, customer_id, '{FollowUpCreated}' from follow_ups
            union all select id, customer_id, '{PaymentReceived}' from payments
                where kind = 'PREMIUM' and status = 'PAID'
            union all select id, id, '{CustomerCreated}' from customers) o
        where not exists (select from events e where e.subject_id = o.id and e.type = any(o.types)
                          and e.customer_id is not distinct from o.customer_id)""",
    "contract not led to by its order's approval": """
        select from events e join contracts k on k.id = e.subject_id left join events c on c.id = e.cause_id
        where e.type = 'ContractIssued' and k.order_id is not null
          and (c.type is distinct from 'OrderApproved' or c.subject_id <> k.order_id)""",
    "settlement not led to by its approval": """
        select from events e left join events c on c.id = e.cause_id
        where e.type = 'ClaimSettled' and (c.type is distinct from 'ClaimApproved' or c.subject_id <> e.subject_id)""",
    "row after today": f"""
        select from customers where created_at >= {TODAY} or updated_at >= {TODAY} or customer_since >= {TODAY}
        union all select from contracts where created_at >= {TODAY} or updated_at >= {TODAY}
        union all select from orders where created_at >= {TODAY} or updated_at >= {TODAY}
        union all select from payments where created_at >= {TODAY} or paid_at >= {TODAY}
        union all select from claims where reported_at >= {TODAY} or updated_at >= {TODAY}
        union all select from claim_payments where paid_at >= {TODAY}
        union all select from interactions where occurred_at >= {TODAY}
        union all select from complaints where filed_at >= {TODAY} or resolved_at >= {TODAY}
        union all select from follow_ups where created_at >= {TODAY} or updated_at >= {TODAY}
        union all select from addresses where created_at >= {TODAY} or valid_from >= {TODAY}
        union all select from relationships where created_at >= {TODAY} or started_on >= {TODAY}""",
    "minor with a profession, a title or a contract of their own": f"""
        select from customers c where birth_date > {TODAY} - 365 * 16 and (occupation is not null or title is not null
            or marital_status <> 'SINGLE' or employment_status <> 'STUDENT'
            or exists (select from contracts k where k.customer_id = c.id))""",
    "customer known before birth": """
        select from customers where customer_since < birth_date""",
    "person with an organisation's fields, or the reverse": """
        select from customers where (kind = 'PERSON') <> (organisation_name is null)
           or (kind = 'PERSON') <> (first_name is not null and last_name is not null and birth_date is not null)
           or (kind = 'PERSON') <> (segment not in ('BUSINESS', 'CORPORATE'))""",
    "verified identity without a date": """
        select from customers where (kyc_status in ('VERIFIED', 'EXPIRED')) <> (kyc_verified_at is not null)""",
    "id that does not tell its time": """
        select from (select id, created_at at from customers union all select id, created_at from contracts
            union all select id, occurred_at from events union all select id, reported_at from claims
            union all select id, created_at from payments union all select id, occurred_at from interactions
            union all select id, created_at from follow_ups) r
        where substr(id::text, 15, 1) <> '7'
           or ('x' || replace(left(id::text, 13), '-', ''))::bit(48)::bigint / 1000 <> floor(extract(epoch from at))""",
    "e-mail address outside the reserved domains": r"""
        select from emails where address !~ '^[a-z0-9._-]+@([a-z0-9-]+\.)*(example|example\.(com|org|net))$'""",
}


def found_by(url: str, statement: str) -> int:
    """How many rows a statement finds in a demo world."""
    with psycopg.connect(url) as connection:
        connection.execute("set timezone to 'UTC'")
        row = connection.execute(f"select count(*) from ({statement}) found".encode()).fetchone()
    assert row
    return int(row[0])
