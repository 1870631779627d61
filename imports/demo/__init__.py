"""The demo world: customers of a made-up insurer with histories that fit together, from a seed.

`load` runs it. A chunk is a `World` (world.py) which `families.populate` fills with households and firms; each being
then goes through `policies` (orders, contracts, payments, claims) and `contacts` (interactions, complaints, life
events), and `people.finish` writes what all of it amounts to. To add an entity: write its rows where its history
happens, by `world.rows.<table>(column=…)`, and its event by `world.record`.
"""

from imports.demo.load import TODAY, DemoSummary, generate

__all__ = ["TODAY", "DemoSummary", "generate"]
