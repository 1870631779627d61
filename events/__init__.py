"""The event log: appending to it, following it in an order that never changes, and fanning it out to subscribers."""
