"""What the larger commands of `c360` do."""
