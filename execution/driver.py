"""The execution context class of the schema: graphql-core's interpreter, which shares itself with the loaders."""

from typing import Any

from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext


class Driver(StrawberryGraphQLCoreExecutionContext):
    """Interprets an operation; resolvers reach its fragments and variables through `info.context.driver`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.context_value.driver = self
