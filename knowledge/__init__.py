"""Entries, search, questions and answers: the core that knows no messenger and no clock."""
