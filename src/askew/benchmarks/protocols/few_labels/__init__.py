"""The few_labels protocol: six tables, 1 to 50 labelled anomalies."""
