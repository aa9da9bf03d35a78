"""What several detectors share: a base class, and the functions that go with it, under a name that says it."""
