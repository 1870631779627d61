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
    Visitor,
    get_argument_values,
    is_leaf_type,
    visit,
)
from graphql.execution.collect_fields import FieldDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues
from strawberry.types.arguments import convert_arguments

from execution.builders import Builder
from execution.driver import Driver
from execution.fields import (
    LeafField,
    LinkField,
    PolymorphicField,
    RootNodesField,
    RootRowField,
    RootSearchField,
    ValueField,
)
from execution.pages import PageLink, Parts
from execution.plan import (
    Arguments,
    ConstantStep,
    EdgeLink,
    FindStep,
    Link,
    NodesStep,
    Plan,
    PolymorphicLink,
    RowsPlan,
    SearchStep,
    Selections,
)
from execution.selection import named_type
from loaders.base import Page, Source
from loaders.request import Request
from loaders.search import HITS
from loaders.statements import order_of


class NotCompilable(Exception):
    """The operation holds something that only graphql-core can execute; the message says what."""


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
        self.strawberry_schema: Any = driver.schema.extensions["strawberry-definition"]

    def operation(self) -> Plan:
        """The plan of the whole operation."""
        driver = self.driver
        root = self.schema.query_type
        assert root is not None
        collected = collect_fields(
            self.schema, driver.fragments, driver.variable_values, root, driver.operation, driver.hide_suggestions
        )
        if collected.new_defer_usages:
            raise NotCompilable("@defer")
        return Plan([self._root(root, key, group) for key, group in collected.grouped_field_set.items()])

    def _groups(self, parent: GraphQLObjectType, details: list[FieldDetails]) -> dict[str, list[FieldDetails]]:
        driver = self.driver
        collected = collect_subfields(
            self.schema, driver.fragments, driver.variable_values, driver.operation, parent, details
        )
        if collected.new_defer_usages:
            raise NotCompilable("@defer")
        return dict(collected.grouped_field_set)

    def _field(self, parent: GraphQLObjectType, group: list[FieldDetails]) -> tuple[GraphQLField, Any]:
        name = group[0].node.name.value
        field = parent.fields.get(name)
        if field is None:
            raise NotCompilable(name)
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
            plan = self._rows(self._object(field.type), group, columns)
            arguments = self._arguments(field, definition, group)
            return FindStep(key, arguments, definition.find, columns.selected(), plan)
        if isinstance(definition, RootNodesField):
            arguments = self._arguments(field, definition, group)
            return NodesStep(key, arguments, definition.targets, self._selections(group), definition.many)
        if isinstance(definition, RootSearchField):
            columns = Columns(HITS, 0)
            for column in HITS.columns:
                columns.position(column)
            plan = self._rows(self._object(field.type), group, columns)
            return SearchStep(key, self._arguments(field, definition, group), definition.search, plan)
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
        return RowsPlan(row_type.name, builder.function(), links)

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
        parts: list[tuple[str, int | str]] = []
        for inner, details in self._groups(value_type, group).items():
            name = details[0].node.name.value
            if name == "__typename":
                parts.append((inner, value_type.name))
            elif name in definition.parts:
                parts.append((inner, columns.position(definition.parts[name])))
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
        plan = self._rows(self._object(field.type), group, inner)
        return EdgeLink(key, edge, local, inner.selected(), plan, not isinstance(field.type, GraphQLNonNull))

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
        parts: Parts = []
        cursors_wanted = False
        for part_key, part_group in self._groups(connection, group).items():
            name = part_group[0].node.name.value
            if name == "nodes":
                node_type = self._object(connection.fields[name].type)
                parts.append((name, part_key, self._rows(node_type, part_group, inner)))
            elif name == "edges":
                detail, with_cursor = self._edges(self._object(connection.fields[name].type), part_group, inner)
                cursors_wanted |= with_cursor
                parts.append((name, part_key, detail))
            elif name == "pageInfo":
                detail = self._page_info(self._object(connection.fields[name].type), part_group)
                cursors_wanted |= any(part in ("startCursor", "endCursor") for part, _, _ in detail)
                parts.append((name, part_key, detail))
            elif name in ("totalCount", "__typename"):
                parts.append((name, part_key, connection.name))
            else:
                raise NotCompilable(f"{connection.name}.{name}")
        if cursors_wanted:
            for column in order:
                inner.position(column.lstrip("-"))
        return PageLink(
            key=key,
            edge=edge,
            local=local,
            columns=inner.selected(),
            arguments=arguments,
            request=definition.request,
            parts=parts,
            positions=inner.names,
            fetches=any(part in ("nodes", "edges", "pageInfo") for part, _, _ in parts),
            counts=any(part == "totalCount" for part, _, _ in parts),
        )

    def _edges(self, edge_type: GraphQLObjectType, group: list[FieldDetails], columns: Columns) -> tuple[Parts, bool]:
        parts: Parts = []
        for key, details in self._groups(edge_type, group).items():
            name = details[0].node.name.value
            if name == "node":
                parts.append((name, key, self._rows(self._object(edge_type.fields[name].type), details, columns)))
            else:
                parts.append((name, key, edge_type.name))
        return parts, any(part == "cursor" for part, _, _ in parts)

    def _page_info(self, info_type: GraphQLObjectType, group: list[FieldDetails]) -> Parts:
        return [
            (details[0].node.name.value, key, info_type.name) for key, details in self._groups(info_type, group).items()
        ]

    def _selections(self, group: list[FieldDetails]) -> Selections:
        """Row plans of the types a polymorphic field may lead to, compiled when the first row of a type comes."""
        made: dict[str, tuple[RowsPlan, tuple[str, ...]]] = {}

        def selection(type_name: str) -> tuple[RowsPlan, tuple[str, ...]]:
            if type_name not in made:
                row_type = self.schema.get_type(type_name)
                assert isinstance(row_type, GraphQLObjectType)
                columns = Columns(self._origin(row_type).__source__, 1, "id")
                plan = self._rows(row_type, group, columns)
                made[type_name] = (plan, columns.selected())
            return made[type_name]

        return selection

    @staticmethod
    def _origin(row_type: GraphQLObjectType) -> Any:
        """The class that `@entity` decorated."""
        return row_type.extensions["strawberry-definition"].origin

    def _arguments(self, field: GraphQLField, definition: Any, group: list[FieldDetails]) -> Arguments:
        node, _, fragment_variables = group[0]

        def make(variables: VariableValues) -> dict[str, Any]:
            values = get_argument_values(field, node, variables, fragment_variables)
            return convert_arguments(
                values,
                definition.arguments,
                self.strawberry_schema.schema_converter.scalar_registry,
                self.strawberry_schema.config,
            )

        if _uses_variables(node):
            return Arguments(None, make)
        return Arguments(make(self.driver.variable_values), None)


class _VariableFinder(Visitor):
    found = False

    def enter_variable(self, *_: Any) -> None:
        self.found = True


def _uses_variables(node: Any) -> bool:
    finder = _VariableFinder()
    for argument in node.arguments or ():
        visit(argument, finder)
    return finder.found
