"""KenLM's binary files: `trie`, which is read whole into an n-gram model, and `probing`, whose hash tables stay in the file and are asked."""
