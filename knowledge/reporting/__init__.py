"""The control of decisions: what a council's table shows, counts and misses."""
