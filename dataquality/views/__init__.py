"""Pages of a project's data."""
