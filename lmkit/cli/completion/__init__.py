"""Completion: the line of a shell up to its cursor -> what may stand there. Little is imported: shells ask at each Tab."""
