"""Engines: what keeps the articles and answers the neutral query tree."""
