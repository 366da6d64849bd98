"""The worked example: real data, invented people, from idea to signed decision."""
