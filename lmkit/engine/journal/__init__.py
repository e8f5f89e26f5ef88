"""Work that survives a kill: a folder keeps what is finished, piece by piece, and the same job goes on from there.

A job is refused a folder that was begun with other inputs or settings; no piece is used that is not what was written.
"""
