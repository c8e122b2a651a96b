"""Tilewright beside its peers: `python -m benchmarks.peers`, or `make bench`."""
