"""The schema definition language of the graph, as it is committed in schema/schema.graphql."""

from pathlib import Path

from resolvers.root import schema

SDL_FILE = Path(__file__).parent.parent / "schema" / "schema.graphql"


def sdl() -> str:
    """The SDL of the schema the code makes, ending with a newline."""
    return schema.as_str().rstrip("\n") + "\n"
