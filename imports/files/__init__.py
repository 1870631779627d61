"""Importing a CSV file by a mapping: `run` (the command `c360 import`)."""

from imports.files.running import run
from imports.files.summary import Counts, ImportSummary

__all__ = ["Counts", "ImportSummary", "run"]
