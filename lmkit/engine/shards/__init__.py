"""Files of arrays in pieces: a folder with a manifest, an index, and shards, which are put together when they are opened."""
