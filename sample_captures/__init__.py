"""Small captures to try dicomsniff on, each beside the script that rebuilds it byte for byte."""
