"""Shared pieces of every HTML page: what a page is made of, its look, its plots and thumbnails."""
