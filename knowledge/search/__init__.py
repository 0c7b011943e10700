"""Finding documents by German words: independent of what the documents are about."""

from knowledge.search.index import Document, Hit, Index

__all__ = ["Document", "Hit", "Index"]
