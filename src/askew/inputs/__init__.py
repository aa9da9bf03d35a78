"""Tables -> float64 matrices with names; image files -> uint8 arrays; texts -> token numbers; whole output files.

A file, several files or a query is read in batches by :func:`open_table`, a frame or an array in memory by
:func:`to_matrix`. Whatever cannot be used is refused in one line that names the column, the row and the value.
"""

from askew.inputs.address import Address, Data, data_at
from askew.inputs.atomic import atomic_path, check_writable
from askew.inputs.column_names import ColumnMatch, match_columns
from askew.inputs.image_folder import ImageFiles, image_files, read_image_folder, read_images
from askew.inputs.in_memory import Matrix, to_matrix
from askew.inputs.label_column import Meaning, read_labels
from askew.inputs.spec import ImageSpec, InputSpec, TableSpec, TextSpec, spec_of
from askew.inputs.table_file import Batch, TableFile
from askew.inputs.table_opening import holds_tables, open_table, source_files, table_files
from askew.inputs.text import Vocabulary, check_texts, count_words, tokenise
from askew.inputs.text_format import TextFormat
from askew.inputs.word_vectors import word_vectors

__all__ = [
    "Address",
    "Batch",
    "ColumnMatch",
    "Data",
    "ImageFiles",
    "ImageSpec",
    "InputSpec",
    "Matrix",
    "Meaning",
    "TableFile",
    "TableSpec",
    "TextFormat",
    "TextSpec",
    "Vocabulary",
    "atomic_path",
    "check_texts",
    "check_writable",
    "count_words",
    "data_at",
    "holds_tables",
    "image_files",
    "match_columns",
    "open_table",
    "read_image_folder",
    "read_images",
    "read_labels",
    "source_files",
    "spec_of",
    "table_files",
    "to_matrix",
    "tokenise",
    "word_vectors",
]
