"""One method, one file, one final class. Nothing is listed here: :mod:`askew.index` reads the files."""
