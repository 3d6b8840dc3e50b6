"""Manifests: every fact of a data set or model in one TOML file, checked before use."""
