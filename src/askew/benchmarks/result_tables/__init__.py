"""What every protocol's table is made of: rows, text, statistics, and the numbers that the papers print."""
