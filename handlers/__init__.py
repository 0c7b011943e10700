"""What a person can do in the chat: one module per thing, and the sentences it says."""
