"""Arithmetic on tables of predictions: metrics, intervals, calibration, votes."""
