"""How cost grows: with the rows of an answer, the size of the database, the number of requests; how long a start is.

`python -m benchmarks.scale`; see benchmarks/README.md.
"""
