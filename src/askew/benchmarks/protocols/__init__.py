"""One room per protocol of a paper; a protocol chooses runs and makes their table."""
