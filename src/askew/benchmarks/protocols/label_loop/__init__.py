"""The label_loop protocol: anomalies found by a person who answers ten to a hundred questions."""
