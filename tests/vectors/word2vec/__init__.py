"""Word2Vec, by gensim and in the open."""
