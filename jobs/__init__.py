"""Background work: a worker takes jobs from a queue in the database, and does what timers say is due."""
