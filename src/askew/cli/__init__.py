"""The command ``askew``: one command per file; parsing and printing only, the work is done in other rooms."""
