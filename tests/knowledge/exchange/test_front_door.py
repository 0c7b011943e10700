"""The package's front door."""

import knowledge.exchange


def test_its_names_are_sorted_and_there() -> None:
    names = knowledge.exchange.__all__
    assert names == sorted(names, key=lambda name: (not name.isupper(), name))
    assert all(hasattr(knowledge.exchange, name) for name in names)
