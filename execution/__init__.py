"""From the text of a request to its result."""
