"""What lmkit writes and reads back: which suffixes there are, files that appear whole or not at all, safetensors, tables."""
