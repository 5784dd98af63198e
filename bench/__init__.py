"""Benchmarks: the engine against its peers, and the service over HTTP. No part of the product."""
