"""The design phase: stakeholders, value, requirements, metrics, evidence, decisions."""
