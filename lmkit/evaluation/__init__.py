"""Evaluation suites: models × texts with gates, described in a TOML file."""
