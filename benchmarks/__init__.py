"""The service measured beside its peers and its limits: `python -m benchmarks`."""
