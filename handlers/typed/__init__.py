"""What people type: words, dates, sources and entries, read forgivingly: pure functions."""
