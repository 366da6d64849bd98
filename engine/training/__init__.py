"""Train under a protocol, measure in one way, compare honestly, keep the model safely."""
