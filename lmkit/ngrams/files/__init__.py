"""Between models or counts and files: ARPA, and lmkit's own arrays."""
