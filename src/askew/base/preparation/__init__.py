"""How rows are prepared for networks: one interface, and an object of its own for each kind of data."""
