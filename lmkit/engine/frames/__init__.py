"""Values as tables of other libraries, and of notebooks."""
