"""What people asked: remembered, logged without them, rated, handed over to editors."""
