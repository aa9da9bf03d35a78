#!/bin/sh
# From a messy table and twelve known frauds to orders worth looking at, on the command line alone.
#
#     sh examples/messy_table.sh [FOLDER]
#
# docs/messy-table.md walks through it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-messy}

# train.csv with twelve known frauds, recent.csv and new.csv without labels, truth.csv for the very end
python "$here/messy_table_data.py" "$folder"
cd "$folder"

# Learn what is usual. The default chooses among several methods and says why.
askew fit train.csv --label-column label --anomaly fraud --id-column order -o model.askew

# Which orders to look at first, and why?
askew score model.askew new.csv --id-column order --top 5
askew explain model.askew new.csv --id-column order --top 3 --features 3 -o reasons.csv

# We can look at 40 of 1,000 orders: a threshold, from rows that the model has not seen.
askew threshold model.askew recent.csv --rule budget:40/1000 -o judge.askew
askew score judge.askew new.csv --id-column order -o scores.csv

# A page about the model, and a file that needs neither askew nor PyTorch to score with.
askew report judge.askew --data new.csv -o judge.html
askew export judge.askew -o judge.onnx
askew score judge.onnx new.csv --id-column order -o onnx_scores.csv

# Only here is the truth known. How many of the flagged orders are frauds?
python "$here/messy_table_data.py" . --count scores.csv
python "$here/messy_table_data.py" . --count onnx_scores.csv
