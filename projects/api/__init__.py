"""The REST API of the design phase, one module a room."""
