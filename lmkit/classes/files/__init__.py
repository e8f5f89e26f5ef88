"""Files of word classes: lmkit's own, and those of SRILM, of Brown's clusters, of mkcls."""
