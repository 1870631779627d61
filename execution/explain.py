"""A plan in words: its levels, and for each the statements with their columns and how many rows they may bring."""

from collections.abc import Iterator
from dataclasses import dataclass

from execution.pages import PageLink
from execution.plan import EdgeLink, FindStep, Link, NodesStep, Plan, PolymorphicLink, RowsPlan, Run, SearchStep
from loaders import search, statements
from loaders.base import One
from loaders.statements import Query


@dataclass(frozen=True, slots=True)
class Fetch:
    """One statement of a plan: where in the answer its rows go, its SQL, and how many rows it brings at most.

    `bound` is None where only the data limits it: a short list, such as the addresses of a customer.
    """

    level: int
    path: str
    sql: str
    bound: int | None


def explain(plan: Plan, run: Run) -> list[Fetch]:
    """The statements of `plan` with the variables of `run`, in the order of their levels."""
    return sorted(_steps(plan.steps, run, 1, "", 1), key=lambda fetch: fetch.level)


def _steps(links: list[Link], run: Run, level: int, path: str, parents: int | None) -> Iterator[Fetch]:
    for link in links:
        here = f"{path}.{link.key}" if path else link.key
        if isinstance(link, FindStep):
            edge, _ = link.find(link.arguments.known(run.variables))
            yield Fetch(level, here, _sql(statements.rows(edge, link.request)), 1)
            yield from _below(link.plan, run, level, here, 1)
        elif isinstance(link, SearchStep):
            first, text = link.search(link.arguments.known(run.variables))
            yield Fetch(level, here, search.statement(text, first, link.tables)[0].decode(), first * 2)
            yield from _below(link.plan, run, level, here, first)
        elif isinstance(link, EdgeLink):
            bound = parents if isinstance(link.query.edge, One) else None
            yield Fetch(level, here, _sql(link.query), bound)
            yield from _below(link.plan, run, level, here, bound)
        elif isinstance(link, PageLink):
            yield from _page(link, run, level, here, parents)
        elif isinstance(link, NodesStep | PolymorphicLink):
            yield Fetch(level, here, "one statement for each type of row found", parents)


def _below(plan: RowsPlan, run: Run, level: int, path: str, rows: int | None) -> Iterator[Fetch]:
    yield from _steps(plan.links, run, level + 1, path, rows)


def _page(link: PageLink, run: Run, level: int, path: str, parents: int | None) -> Iterator[Fetch]:
    query, count = link.queries(run)
    limit = query.request.limit
    size = None if parents is None or limit is None else parents * limit
    if link.fetches:
        # One row more than the page is fetched for each parent, to know whether there is a next page.
        bound = None if size is None or parents is None else size + parents
        yield Fetch(level, path, _sql(query), bound)
    if link.counts:
        yield Fetch(level, f"{path}.totalCount", _sql(count), parents)
    for key, plan in link.nodes:
        yield from _below(plan, run, level, f"{path}.{key}", size)


def _sql(query: Query) -> str:
    return query.sql.decode()


def as_text(fetches: list[Fetch]) -> str:
    """The statements for reading, level by level."""
    lines: list[str] = []
    level = 0
    for fetch in fetches:
        if fetch.level != level:
            level = fetch.level
            # The same statement wanted twice in a level is sent once, for the keys of both.
            count = len({other.sql for other in fetches if other.level == level})
            lines.append(f"level {level}: {count} statement{'s' if count > 1 else ''}, one round trip")
        if fetch.bound is None:
            bound = "a short list each"
        else:
            bound = f"at most {fetch.bound:,} row{'s' if fetch.bound != 1 else ''}"
        lines += [f"  {fetch.path}  ({bound})", f"    {' '.join(fetch.sql.split())}"]
    total, levels = len({(fetch.level, fetch.sql) for fetch in fetches}), level
    lines.append(f"{total} statements in {levels} round trips, and the commit")
    return "\n".join(lines) + "\n"
