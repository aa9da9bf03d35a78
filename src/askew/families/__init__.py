"""What several detectors share: base classes and the functions that go with them."""
