"""The compiler: from an operation to a plan.

It reads the declarations in execution/fields.py and knows no entity. Selection sets are collected by graphql-core
itself, with the operation's own fragments, variables and @skip/@include, so a plan holds for one set of values of
the variables that steer those directives (execution/documents.py keeps one for each).
"""

from typing import Any

from graphql import (
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    is_leaf_type,
)
from graphql.execution.collect_fields import FieldDetails, collect_fields, collect_subfields

from auth.actor import Actor
from execution.arguments import Arguments, compile_arguments
from execution.builders import Builder, ConnectionBuilder
from execution.driver import Driver
from execution.fields import (
    ActorField,
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
from execution.pages import PageLink
from execution.permissions import Refused, missing, node_row_type, require_type, visible
from execution.plan import (
    ConstantStep,
    DeliveryStep,
    EdgeLink,
    FindStep,
    Link,
    NodesStep,
    Plan,
    PolymorphicLink,
    RowsPlan,
    SearchStep,
    Selections,
    Surprise,
)
from execution.reasons import Reason
from execution.selection import named_type, owner_column
from loaders import statements
from loaders.base import Page, Source
from loaders.request import Request
from loaders.search import HITS
from loaders.statements import order_of


class NotCompilable(Exception):
    """The operation holds something that only graphql-core can execute; the message says what, `reason` which kind."""

    def __init__(self, message: str, reason: Reason = Reason.UNDECLARED) -> None:
        super().__init__(message)
        self.reason = reason


class Columns:
    """The columns a statement selects, in order; `offset` is 1 where the key comes first.

    `key` is the column that the key is, which then need not be selected a second time.
    """

    def __init__(self, source: Source, offset: int, key: str | None = None) -> None:
        self.source = source
        self.offset = offset
        self.key = key
        self.names: dict[str, int] = {}

    def position(self, name: str) -> int:
        """Where the column stands in a row; selects it if it was not yet."""
        if name == self.key:
            return 0
        return self.names.setdefault(name, len(self.names) + self.offset)

    def selected(self) -> tuple[str, ...]:
        """The columns for a Request."""
        return tuple(self.names)


def compile_operation(driver: Driver) -> Plan:
    """The plan of the driver's operation. Raises NotCompilable, or RequestError for a bad constant argument."""
    return Compiler(driver).operation()


class Compiler:
    """Compiles one operation for one set of directive values."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.schema = driver.schema
        self.actor: Actor = driver.context_value.actor

    def operation(self) -> Plan:
        """The plan of the whole operation."""
        driver = self.driver
        root = self.schema.get_root_type(driver.operation.operation)
        assert root is not None
        collected = collect_fields(
            self.schema, driver.fragments, driver.variable_values, root, driver.operation, driver.hide_suggestions
        )
        if collected.new_defer_usages:
            raise NotCompilable("@defer", Reason.DEFER)
        return Plan([self._root(root, key, group) for key, group in collected.grouped_field_set.items()])

    def _groups(self, parent: GraphQLObjectType, details: list[FieldDetails]) -> dict[str, list[FieldDetails]]:
        driver = self.driver
        collected = collect_subfields(
            self.schema, driver.fragments, driver.variable_values, driver.operation, parent, details
        )
        if collected.new_defer_usages:
            raise NotCompilable("@defer", Reason.DEFER)
        return dict(collected.grouped_field_set)

    def _field(self, parent: GraphQLObjectType, group: list[FieldDetails]) -> tuple[GraphQLField, Any]:
        name = group[0].node.name.value
        field = parent.fields.get(name)
        if field is None:
            # Validation has passed, so it is one of those that every schema has: __schema, __type.
            raise NotCompilable(name, Reason.INTROSPECTION)
        if missing(field, self.actor):
            raise NotCompilable("a refused field", Reason.FORBIDDEN)
        return field, field.extensions.get("strawberry-definition")

    def _root(self, root: GraphQLObjectType, key: str, group: list[FieldDetails]) -> Link:
        name = group[0].node.name.value
        if name == "__typename":
            return ConstantStep(key, root.name)
        field, definition = self._field(root, group)
        if isinstance(definition, LinkField) and isinstance(definition.edge, Page):
            return self._page(key, group, field, definition, None)
        if isinstance(definition, RootRowField):
            columns = Columns(definition.by_id.source, 1)
            row_type = self._object(field.type)
            plan = self._rows(row_type, group, columns)
            self._owner(row_type, columns, asked_for=True)
            arguments = self._arguments(field, definition, group)
            request = Request(columns.selected(), visible(row_type, self.actor))
            return FindStep(key, arguments, definition.find, request, plan)
        if isinstance(definition, FeedField):
            columns = Columns(definition.by_event.source, 1)
            row_type = self._object(field.type)
            plan = self._rows(row_type, group, columns)
            request = Request(columns.selected(), visible(row_type, self.actor))
            return DeliveryStep(key, statements.rows(definition.by_event, request), plan)
        if isinstance(definition, RootNodesField):
            arguments = self._arguments(field, definition, group)
            return NodesStep(key, arguments, definition.targets, self._selections(group), definition.many)
        if isinstance(definition, RootSearchField):
            columns = Columns(HITS, 0)
            for column in HITS.columns:
                columns.position(column)
            plan = self._rows(self._object(field.type), group, columns)
            tables = definition.tables(self.actor)
            return SearchStep(key, self._arguments(field, definition, group), definition.search, tables, plan)
        raise NotCompilable(name)

    def _object(self, output: GraphQLOutputType) -> GraphQLObjectType:
        named = named_type(output)
        if not isinstance(named, GraphQLObjectType):
            raise NotCompilable(f"type {named}")
        return named

    def _rows(self, row_type: GraphQLObjectType, details: list[FieldDetails], columns: Columns) -> RowsPlan:
        builder = Builder()
        links: list[Link] = []
        for key, group in self._groups(row_type, details).items():
            name = group[0].node.name.value
            if name == "__typename":
                builder.constant(key, row_type.name)
                continue
            field, definition = self._field(row_type, group)
            if isinstance(definition, LeafField) and is_leaf_type(named_type(field.type)):
                self._leaf(builder, key, row_type, field, definition, columns)
            elif isinstance(definition, ActorField):
                builder.shared(key, definition.value(self.actor))
            elif isinstance(definition, StateField):
                positions = {column: columns.position(column) for column in definition.columns}
                builder.computed(key, definition.reader(self.actor), positions, required=False)
            elif isinstance(definition, ValueField):
                self._value(builder, key, field, definition, group, columns)
            elif isinstance(definition, LinkField):
                builder.constant(key, None)
                links.append(self._link(key, group, field, definition, columns))
            elif isinstance(definition, PolymorphicField):
                builder.constant(key, None)
                positions = {column: columns.position(column) for column in definition.columns}
                links.append(PolymorphicLink(key, positions, definition.target, self._selections(group)))
            else:
                raise NotCompilable(f"{row_type.name}.{name}")
        self._owner(row_type, columns)
        return RowsPlan(row_type.name, builder.function(), links)

    @staticmethod
    def _owner(row_type: GraphQLObjectType, columns: Columns, *, asked_for: bool = False) -> None:
        """Select what the audit trail needs."""
        column = owner_column(row_type, asked_for=asked_for)
        if column is not None and column in columns.source.columns:
            columns.position(column)

    def _leaf(
        self,
        builder: Builder,
        key: str,
        row_type: GraphQLObjectType,
        field: GraphQLField,
        definition: LeafField,
        columns: Columns,
    ) -> None:
        positions = {column: columns.position(column) for column in definition.columns}
        required = isinstance(field.type, GraphQLNonNull)
        if definition.read is not None:
            builder.computed(key, definition.read, positions, required=required)
            return
        column = columns.source.column(definition.columns[0])
        builder.cell(
            key,
            positions[column.name],
            prefix=f"{self._origin(row_type).__prefix__}_" if definition.prefixed else "",
            required=required and column.nullable,
            wide=column.sql_type == "bigint",
        )

    def _value(
        self,
        builder: Builder,
        key: str,
        field: GraphQLField,
        definition: ValueField,
        group: list[FieldDetails],
        columns: Columns,
    ) -> None:
        value_type = self._object(field.type)
        first = next(iter(definition.parts.values()))
        parts: list[tuple[str, int | str | bool]] = []
        constants = definition.constants(self.actor)
        for inner, details in self._groups(value_type, group).items():
            name = details[0].node.name.value
            if name == "__typename":
                parts.append((inner, value_type.name))
            elif name in definition.parts:
                parts.append((inner, columns.position(definition.parts[name])))
            elif name in constants:
                parts.append((inner, constants[name]))
            else:
                raise NotCompilable(f"{value_type.name}.{name}")
        required = isinstance(field.type, GraphQLNonNull) and columns.source.column(first).nullable
        nullable = columns.source.column(first).nullable
        builder.value(key, columns.position(first), parts, required=required, nullable=nullable)

    def _link(
        self, key: str, group: list[FieldDetails], field: GraphQLField, definition: LinkField, columns: Columns
    ) -> Link:
        assert definition.local is not None
        local = columns.position(definition.local)
        edge = definition.edge
        if isinstance(edge, Page):
            return self._page(key, group, field, definition, local)
        inner = Columns(edge.source, int(edge.keyed), edge.key_column)
        row_type = self._object(field.type)
        plan = self._rows(row_type, group, inner)
        query = statements.rows(edge, Request(inner.selected(), visible(row_type, self.actor)))
        return EdgeLink(key, query, local, plan, not isinstance(field.type, GraphQLNonNull))

    def _page(
        self, key: str, group: list[FieldDetails], field: GraphQLField, definition: LinkField, local: int | None
    ) -> PageLink:
        edge = definition.edge
        connection = self._object(field.type)
        arguments = self._arguments(field, definition, group)
        # The order decides which columns a cursor needs. It is known now even if it comes from a variable: plans are
        # kept apart by the variables in orderBy.
        order = order_of(edge, Request((), order=definition.order(arguments.known(self.driver.variable_values))))
        inner = Columns(edge.source, int(edge.keyed))
        builder = ConnectionBuilder(order)
        nodes: list[tuple[str, RowsPlan]] = []
        fetches = counts = cursors = False
        for part_key, part_group in self._groups(connection, group).items():
            name = part_group[0].node.name.value
            if name == "__typename":
                builder.constant(part_key, connection.name)
                continue
            if name == "totalCount":
                builder.total_count(part_key)
                counts = True
                continue
            fetches = True
            part_type = self._object(connection.fields[name].type)
            if name == "nodes":
                builder.nodes(part_key)
                nodes.append((part_key, self._rows(part_type, part_group, inner)))
                continue
            groups = self._groups(part_type, part_group)
            parts = [(part, details[0].node.name.value, part_type.name) for part, details in groups.items()]
            cursors = cursors or any(part.lower().endswith("cursor") for _, part, _ in parts)
            if name == "edges":
                builder.edges(part_key, parts)
                node_type = self._object(part_type.fields["node"].type)
                for part, details in groups.items():
                    if details[0].node.name.value == "node":
                        nodes.append((f"{part_key}.{part}", self._rows(node_type, details, inner)))
            elif name == "pageInfo":
                builder.page_info(part_key, parts)
            else:
                raise NotCompilable(f"{connection.name}.{name}")
        if cursors:
            builder.cursor_columns([inner.position(column.lstrip("-")) for column in order])
        return PageLink(
            key=key,
            edge=edge,
            local=local,
            columns=inner.selected(),
            arguments=arguments,
            request=definition.request,
            visible=visible(node_row_type(connection), self.actor),
            nodes=nodes,
            build=builder.function(),
            fetches=fetches,
            counts=counts,
        )

    def _selections(self, group: list[FieldDetails]) -> Selections:
        """Row plans of the types a polymorphic field may lead to, compiled when the first row of a type comes."""
        made: dict[str, tuple[RowsPlan, Request]] = {}

        def selection(type_name: str) -> tuple[RowsPlan, Request]:
            if type_name not in made:
                row_type = self.schema.get_type(type_name)
                assert isinstance(row_type, GraphQLObjectType)
                columns = Columns(self._origin(row_type).__source__, 1)
                try:
                    require_type(row_type, self.actor)
                    plan = self._rows(row_type, group, columns)
                    self._owner(row_type, columns, asked_for=True)
                except Refused as error:
                    raise Surprise(str(error), Reason.FORBIDDEN) from None
                except NotCompilable as error:
                    raise Surprise(str(error), error.reason) from None
                made[type_name] = (plan, Request(columns.selected(), visible(row_type, self.actor)))
            return made[type_name]

        return selection

    @staticmethod
    def _origin(row_type: GraphQLObjectType) -> Any:
        """The class that `@entity` decorated."""
        return row_type.extensions["strawberry-definition"].origin

    def _arguments(self, field: GraphQLField, definition: Any, group: list[FieldDetails]) -> Arguments:
        return compile_arguments(self.schema, field, definition.arguments, group[0], self.driver.variable_values)
