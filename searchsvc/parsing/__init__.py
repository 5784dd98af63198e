"""Parsing: from one input to its articles: pages, dumps, records, feeds, dates."""
