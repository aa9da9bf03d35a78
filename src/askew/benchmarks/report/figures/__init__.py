"""What the pictures of a report show: each function turns results into one SVG."""
