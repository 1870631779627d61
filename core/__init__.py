"""What knows no area: settings, database, embedded PostgreSQL, ids, cursors, errors."""
