"""The GraphiQL page: its source and lock file, how it is built, how it is served."""
