"""What an operation costs, in points, told before it runs: from what its fields declare, like its plan.

A statement is one point, and so are ROWS_A_POINT rows that it may bring. A page of n under m parents brings at most
m·n rows; a short list, which only the data bounds, counts SHORT_LIST for each parent. A customer's whole profile
(benchmarks/queries/customer_360.graphql) is about a hundred points. docs/execution.md has the table.

A `Price` is made once and kept with the plan. Unlike the plan it knows every field, so operations that graphql-core
interprets have a price by the same rule. `most` is the price whatever the variables are: what a trusted document may
cost at most.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import (
    REMOVE,
    DirectiveNode,
    DocumentNode,
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    IntValueNode,
    ListValueNode,
    OperationType,
    ValueNode,
    VariableNode,
    Visitor,
    is_abstract_type,
    is_leaf_type,
    visit,
)
from graphql.execution.collect_fields import FieldDetails, collect_fields, collect_subfields

from core.errors import RequestError
from execution.arguments import compile_arguments
from execution.fields import (
    FeedField,
    LeafField,
    LinkField,
    PolymorphicField,
    RootNodesField,
    RootRowField,
    RootSearchField,
    StateField,
    ValueField,
)
from execution.permissions import lacking, missing, type_needs
from execution.selection import named_type
from loaders.base import One, Page

if TYPE_CHECKING:
    from graphql.execution.values import VariableValues

    from execution.driver import Driver

ROWS_A_POINT = 4
# What a list counts for each parent that has no page size, such as the addresses of a customer.
SHORT_LIST = 4
# A mutation, besides what its payload selects: a transaction, and for a sign-in the hash of a password.
MUTATION = 10
# What a mutation takes at most that is many in one (schema/bulk.py).
MOST_ITEMS = 500
# `__schema` or `__type`, which never touch the database.
INTROSPECTION = 20
# A request that is refused before anything runs.
REFUSED = 1


@dataclass(frozen=True, slots=True)
class Cost:
    """Statements, rows, and the points of what is neither."""

    statements: int = 0
    rows: int = 0
    fixed: int = 0

    @property
    def points(self) -> int:
        """The cost in points, rounded up, at least one."""
        return max(1, self.fixed + self.statements - (-self.rows // ROWS_A_POINT))


Size = int | Callable[["VariableValues"], int]


class Sum:
    """What is added up while parts are gone through."""

    __slots__ = ("fixed", "rows", "statements")

    def __init__(self) -> None:
        self.statements = self.rows = self.fixed = 0


@dataclass(slots=True)
class Part:
    """A statement, or none, that brings `rows` for each parent; the parts below hang on each of its `objects`."""

    statements: int = 0
    rows: Size = 0
    objects: Size = 1
    fixed: int = 0
    below: tuple[Part | Alternatives, ...] = ()

    @property
    def constant(self) -> bool:
        """Whether it is the same for all values of variables."""
        return isinstance(self.rows, int) and isinstance(self.objects, int) and all(p.constant for p in self.below)

    def add(self, into: Sum, parents: int, variables: VariableValues) -> None:
        """Add what it costs under so many parents."""
        rows = self.rows if isinstance(self.rows, int) else self.rows(variables)
        into.statements += self.statements
        into.rows += parents * rows
        into.fixed += parents * self.fixed
        if self.below:
            objects = parents * (self.objects if isinstance(self.objects, int) else self.objects(variables))
            for part in self.below:
                part.add(into, objects, variables)


@dataclass(slots=True)
class Alternatives:
    """What hangs on rows each of which is of one of several types: of rows the most, of statements one for each."""

    types: int
    options: tuple[Part, ...]

    @property
    def constant(self) -> bool:
        """Whether it is the same for all values of variables."""
        return all(option.constant for option in self.options)

    def add(self, into: Sum, parents: int, variables: VariableValues) -> None:
        """Add what it costs under so many parents."""
        into.statements += min(self.types, parents)
        into.rows += parents
        sums = []
        for option in self.options:
            one = Sum()
            option.add(one, parents, variables)
            sums.append(one)
        if sums:
            into.rows += max(one.rows for one in sums)
            into.fixed += max(one.fixed for one in sums)
            statements = [one.statements for one in sums]
            into.statements += sum(statements) if parents > 1 else max(statements)


class Price:
    """What an operation costs, by its variables; computed at once where they do not matter."""

    __slots__ = ("_constant", "_whole")

    def __init__(self, whole: Part) -> None:
        self._whole = whole
        self._constant: Cost | None = None

    def of(self, variables: VariableValues) -> Cost:
        """The cost with these values of the variables."""
        if self._constant is not None:
            return self._constant
        total = Sum()
        self._whole.add(total, 1, variables)
        cost = Cost(total.statements, total.rows, total.fixed)
        if self._whole.constant:
            self._constant = cost
        return cost


def price(driver: Driver) -> Price:
    """The price of the driver's operation."""
    return Price(_Pricing(driver).operation())


def most(driver: Driver) -> Cost:
    """The most that the driver's operation may cost. The driver is of a document `without_variables`."""
    return Price(_Pricing(driver, at_most=True).operation()).of(driver.variable_values)


def without_variables(document: DocumentNode) -> DocumentNode:
    """The document for `most`: no variable is declared, and whatever may be skipped or included stands there."""
    bare: DocumentNode = visit(document, _Bare())
    return bare


class _Bare(Visitor):
    def enter_variable_definition(self, *_: Any) -> Any:
        return REMOVE

    def enter_directive(self, node: DirectiveNode, *_: Any) -> Any:
        return REMOVE if node.name.value in ("skip", "include") else None


class _Pricing:
    """Prices one operation for one set of directive values; `at_most`, for the largest pages variables may ask for."""

    def __init__(self, driver: Driver, *, at_most: bool = False) -> None:
        self.driver = driver
        self.at_most = at_most
        self.schema = driver.schema
        self.actor = driver.context_value.actor

    def operation(self) -> Part:
        driver = self.driver
        root = self.schema.get_root_type(driver.operation.operation)
        assert root is not None
        collected = collect_fields(
            self.schema, driver.fragments, driver.variable_values, root, driver.operation, driver.hide_suggestions
        )
        is_mutation = driver.operation.operation is OperationType.MUTATION
        parts: list[Part | Alternatives] = []
        for group in collected.grouped_field_set.values():
            if group[0].node.name.value in ("__schema", "__type"):
                parts.append(Part(fixed=INTROSPECTION))
            else:
                parts += self._field(root, group)
                if is_mutation:
                    parts.append(self._doing(root, group))
        return Part(below=tuple(parts))

    def _doing(self, root: GraphQLObjectType, group: list[FieldDetails]) -> Part:
        """What a mutation costs besides its payload: as often as it has commands, where it takes many."""
        field = root.fields.get(group[0].node.name.value)
        value = _sizing(group[0], field and getattr(field.extensions.get("strawberry-definition"), "sized_by", None))
        count: Size = len(value.values) if isinstance(value, ListValueNode) else 1
        if isinstance(value, VariableNode):
            count = MOST_ITEMS if self.at_most else _length_of(value.name.value)
        return Part(objects=count, below=(Part(fixed=MUTATION),))

    def _groups(self, parent: GraphQLObjectType, details: list[FieldDetails]) -> list[list[FieldDetails]]:
        driver = self.driver
        collected = collect_subfields(
            self.schema, driver.fragments, driver.variable_values, driver.operation, parent, details
        )
        return list(collected.grouped_field_set.values())

    def _object(self, kind: GraphQLObjectType, details: list[FieldDetails]) -> tuple[Part | Alternatives, ...]:
        """What the fields of one object cost."""
        return tuple(part for group in self._groups(kind, details) for part in self._field(kind, group))

    def _field(self, parent: GraphQLObjectType, group: list[FieldDetails]) -> list[Part | Alternatives]:
        field = parent.fields.get(group[0].node.name.value)
        # A refused field is null, and costs nothing.
        if field is None or missing(field, self.actor):
            return []
        definition = field.extensions.get("strawberry-definition")
        if isinstance(definition, LeafField | StateField | ValueField):
            return []
        if isinstance(definition, LinkField):
            if isinstance(definition.edge, Page):
                return self._page(field, definition, group)
            size = 1 if isinstance(definition.edge, One) else SHORT_LIST
            return [Part(1, size, size, below=self._named(field, group))]
        if isinstance(definition, RootRowField | FeedField):
            return [Part(1, 1, below=self._named(field, group))]
        if isinstance(definition, PolymorphicField):
            return [self._alternatives(field, group)]
        if isinstance(definition, RootNodesField):
            found = self._argument(field, definition, group, lambda known: sum(1 for _ in definition.targets(known)))
            return [Part(objects=found, below=(self._alternatives(field, group),))]
        if isinstance(definition, RootSearchField):
            hits = self._argument(field, definition, group, lambda known: definition.search(known)[0])
            return [Part(1, hits, hits, below=self._named(field, group))]
        return [self._resolved(field, definition, group)]

    def _named(self, field: GraphQLField, group: list[FieldDetails]) -> tuple[Part | Alternatives, ...]:
        kind = named_type(field.type)
        assert isinstance(kind, GraphQLObjectType)
        return self._object(kind, group)

    def _page(self, field: GraphQLField, definition: LinkField, group: list[FieldDetails]) -> list[Part | Alternatives]:
        connection = named_type(field.type)
        assert isinstance(connection, GraphQLObjectType)
        below: list[Part | Alternatives] = []
        counts = fetches = False
        for details in self._groups(connection, group):
            name = details[0].node.name.value
            if name == "totalCount":
                counts = True
            elif name != "__typename":
                fetches = True
                if name == "nodes":
                    below += self._named(connection.fields[name], details)
                elif name == "edges":
                    edge = named_type(connection.fields[name].type)
                    assert isinstance(edge, GraphQLObjectType)
                    for inner in self._groups(edge, details):
                        if inner[0].node.name.value == "node":
                            below += self._named(edge.fields["node"], inner)
        parts: list[Part | Alternatives] = []
        if fetches:
            size = self._page_size(definition, group[0])
            parts.append(Part(1, size, size, below=tuple(below)))
        if counts:
            parts.append(Part(1, 1))
        return parts

    def _page_size(self, definition: LinkField, details: FieldDetails) -> Size:
        """How many rows a page has at most: none where the arguments will be refused."""
        given = {argument.name.value: argument.value for argument in details.node.arguments or ()}
        names: dict[str, str] = {}
        constant: dict[str, Any] = {}
        for name in ("first", "last"):
            value = given.get(name)
            if isinstance(value, VariableNode):
                names[name] = value.name.value
            elif isinstance(value, IntValueNode):
                constant[name] = int(value.value)
        if self.at_most and names:
            return definition.largest
        actor = self.actor
        sizes: dict[tuple[Any, ...], int] = {}

        def size(variables: VariableValues) -> int:
            values = tuple(variables.coerced.get(variable) for variable in names.values())
            known = sizes.get(values)
            if known is None:
                arguments = constant | dict(zip(names, values, strict=True))
                try:
                    limit = definition.request(arguments, actor).limit
                except RequestError:
                    return 0
                known = sizes[values] = SHORT_LIST if limit is None else limit
            return known

        return size if names else size(self.driver.variable_values)

    def _argument(
        self, field: GraphQLField, definition: Any, group: list[FieldDetails], of: Callable[[dict[str, Any]], int]
    ) -> Size:
        """What `of` makes of the field's arguments: nothing where they will be refused."""
        if self.at_most:
            return _most_of(definition, group[0])
        variables = self.driver.variable_values
        try:
            arguments = compile_arguments(self.schema, field, definition.arguments, group[0], variables)
        except (GraphQLError, RequestError):
            return 0

        def size(values: VariableValues) -> int:
            try:
                return of(arguments.known(values))
            except (GraphQLError, RequestError):
                return 0

        return size(variables) if arguments.make is None else size

    def _alternatives(self, field: GraphQLField, group: list[FieldDetails]) -> Alternatives:
        kind: Any = named_type(field.type)
        assert is_abstract_type(kind)
        types = [t for t in self.schema.get_possible_types(kind) if not lacking(type_needs(t), self.actor)]
        options = [Part(below=below) for t in types if (below := self._object(t, group))]
        return Alternatives(len(types), tuple(options))

    def _resolved(self, field: GraphQLField, definition: Any, group: list[FieldDetails]) -> Part:
        """A field with a resolver of its own counts as a statement for each parent; one without is only a value."""
        own = getattr(definition, "base_resolver", None) is not None
        kind: Any = named_type(field.type)
        objects = SHORT_LIST if _is_list(field.type) else 1
        below: tuple[Part | Alternatives, ...] = ()
        if is_abstract_type(kind):
            below = (self._alternatives(field, group),)
        elif not is_leaf_type(kind):
            below = self._object(kind, group)
        return Part(objects=objects, fixed=int(own), below=below)


def _most_of(definition: RootNodesField | RootSearchField, details: FieldDetails) -> int:
    """How many rows a root field gives at most: as many as its arguments name, or as they might."""
    value = _sizing(details, definition.sized_by)
    if isinstance(value, ListValueNode):
        return min(len(value.values), definition.largest)
    if isinstance(value, IntValueNode):
        return max(0, min(int(value.value), definition.largest))
    return definition.largest


def _sizing(details: FieldDetails, sized_by: str | None) -> ValueNode | None:
    """What is given for the argument that decides how many there are."""
    return next((one.value for one in details.node.arguments or () if one.name.value == sized_by), None)


def _length_of(variable: str) -> Size:
    """How many there are in a variable."""

    def size(variables: VariableValues) -> int:
        value = variables.coerced.get(variable)
        return len(value) if isinstance(value, list) else 1

    return size


def _is_list(kind: Any) -> bool:
    return isinstance(kind.of_type if isinstance(kind, GraphQLNonNull) else kind, GraphQLList)
