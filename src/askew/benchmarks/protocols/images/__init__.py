"""The image protocols of the papers: grids as data, their runs, tables and pictures."""
