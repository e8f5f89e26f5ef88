"""The chain of orders, a trie made of sparse matrices, and how to walk it."""
