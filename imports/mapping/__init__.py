"""A mapping file: how a CSV's columns become rows here (docs/mapping-format.md).

`read` gives a mapping that is known to fit the tables; `Plan` is that mapping compiled for a file's header.
"""

from imports.mapping.reading import read
from imports.mapping.structure import Mapping

__all__ = ["Mapping", "read"]
