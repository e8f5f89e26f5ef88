"""ARPA files of any tool: one grammar, a strict reader that raises the first error, a lenient one that lists all, and a writer."""
