"""Lists of words as lmkit and other tools write them: which format a list has, and the words on its lines."""
