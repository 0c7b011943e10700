"""Changing entries from the chat: commands, drafts, questions for what is missing, previews."""
