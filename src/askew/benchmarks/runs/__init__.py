"""The engine: what a run is, how runs are done and stored. It knows no protocol."""
