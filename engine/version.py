"""The version of the arithmetic; every stored result keeps it."""

ENGINE_VERSION = "0.1.0"
