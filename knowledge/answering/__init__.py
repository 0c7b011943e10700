"""From a German question to facts that may be quoted: pure, on one snapshot."""
