"""Data sets, models and licences, described as data: nothing here is code."""
