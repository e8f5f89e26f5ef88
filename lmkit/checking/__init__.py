"""From a file of a model or of counts, however damaged, to all that is wrong with it, and to a mended one."""
