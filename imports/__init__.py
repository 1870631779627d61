"""Bulk data: files of other systems by a mapping, and the demo world."""
