"""What stands against training on a data set or a mix: one module a check, one report of all."""
