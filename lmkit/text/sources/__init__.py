"""From names (files, folders, patterns, corpora, standard input) to blocks of UTF-8 text, whatever the format and compression."""
