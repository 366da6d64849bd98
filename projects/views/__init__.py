"""Pages of the design phase, one module a room."""
