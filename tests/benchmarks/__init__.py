"""Benchmarks: not part of `make test`, each runnable as `python -m tests.benchmarks.bench_...`."""
