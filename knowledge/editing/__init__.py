"""What editors change: edits of an entry, proposals, drafts and files under way."""
