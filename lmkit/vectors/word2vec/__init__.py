"""Word2Vec: vectors that tell a word from its neighbours, by gensim, and as the formulas read, in NumPy."""
