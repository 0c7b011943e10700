"""Who is told what of their own accord: subscriptions, notices and their way out."""
