"""Customers that may be one and the same: found by what they share, never by comparing everybody with everybody.

Each kind of evidence is a join over an index: similar names (trigrams), the same day of birth beside a similar name,
the same e-mail address or phone number. The sum of their points is the score. The tables are those of the reader's row
scope, so whoever one may not see neither appears nor counts.
"""

from loaders.base import derived, page, query

# The most candidates for one customer, best first.
MOST = 20

# `{other}` is "<>" for all others of a customer, ">" for each pair once.
_SAME_KIND = "b.kind = a.kind and b.id {other} a.id"
_NAME_POINTS = "'NAME' as reason, 0.5 * similarity(a.search_name, b.search_name) as points"
_BIRTH_DATE = f"""select a.id as customer_id, b.id as candidate_id, 'BIRTH_DATE' as reason, 0.3 as points
    from customers a join customers b on b.birth_date = a.birth_date and {_SAME_KIND}
     and similarity(a.search_name, b.search_name) >= 0.3"""
# A person who gives the number of an employer is not the employer: contact points count within a kind, too.
_OF_A_KIND = (
    "(select kind from customers where id = b.customer_id) = (select kind from customers where id = a.customer_id)"
)
_SHARED = f"b.customer_id {{other}} a.customer_id and {_OF_A_KIND}"
_EMAIL = f"""select distinct a.customer_id, b.customer_id, 'EMAIL', 0.3
    from emails a join emails b on lower(b.address) = lower(a.address) and {_SHARED}"""
_PHONE = f"""select distinct a.customer_id, b.customer_id, 'PHONE', 0.25
    from phones a join phones b on b.e164 = a.e164 and {_SHARED}"""
_FACTS = " union all ".join((_BIRTH_DATE, _EMAIL, _PHONE))

_NAMES = f"""select a.id as customer_id, b.id as candidate_id, {_NAME_POINTS}
    from customers a join customers b on b.search_name % a.search_name and {_SAME_KIND}"""
# Similar names among all customers would be everybody with everybody: they count where something else is shared.
_NAMES_OF_PAIRS = f"""select a.id as customer_id, b.id as candidate_id, {_NAME_POINTS}
    from (select a.id as one, b.id as other from customers a join customers b on b.search_name = a.search_name
           and {_SAME_KIND}
          union select f.customer_id, f.candidate_id from ({_FACTS}) f) p
    join customers a on a.id = p.one join customers b on b.id = p.other
    where similarity(a.search_name, b.search_name) >= 0.3"""


def _scored(names: str, other: str) -> str:
    evidence = f"{names} union all {_FACTS}".format(other=other)
    return f"""select e.customer_id, e.candidate_id, round(least(sum(e.points), 1.0)::numeric, 4)::float8 as score,
           array_agg(e.reason order by e.points desc, e.reason) as reasons
    from ({evidence}) e group by e.customer_id, e.candidate_id having sum(e.points) >= 0.45"""


_COLUMNS = {"customer_id": "uuid", "candidate_id": "uuid", "score": "float8", "reasons": "text[]"}

candidates_of = derived(
    "duplicate_candidates",
    f"""select * from (
        select s.*, row_number() over (partition by s.customer_id order by s.score desc, s.candidate_id) as place
        from ({_scored(_NAMES, "<>")}) s) ranked where place <= {MOST}""",
    key="customer_id",
    columns=_COLUMNS,
    order="-score candidate_id",
)

# Each pair once, with the score that it has with either of the two. Names that are only alike make no pair alone.
PAIRS = query(
    "duplicate_pairs",
    f"select s.*, s.customer_id::text || s.candidate_id::text as id from ({_scored(_NAMES_OF_PAIRS, '>')}) s",
    {**_COLUMNS, "id": "text"},
)
all_pairs = page(PAIRS, order="-score")
