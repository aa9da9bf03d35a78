"""The classic protocol: six tables, 1 % labelled anomalies."""
