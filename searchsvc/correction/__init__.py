"""Corrections: from what was typed to what the index's own words say was meant."""
