"""The sentiment protocol: sentences of the other sentiment."""
