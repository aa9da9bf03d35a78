"""The sound files that a command needs beside the hostile one."""

import hostile_models


def write_good(folder):
    """Write tables and models into a folder."""
    hostile_models.table().to_csv(folder / "rows.csv", index=False)
    hostile_models.mixed_table().to_csv(folder / "mixed.csv", index=False)
    (folder / "model.askew").write_bytes(hostile_models.good("named"))
    (folder / "eyes.askew").write_bytes(hostile_models.good("eyes"))
