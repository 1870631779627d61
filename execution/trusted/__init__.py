"""Trusted documents: operations published beforehand, which clients ask for by hash or id (docs/adr/0019).

`manifests` reads what front-end tools write, `publishing` checks and stores it, `known` is what a worker knows of the
published documents, and `choice` decides which text a request runs.
"""
