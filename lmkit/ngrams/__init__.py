"""From ids to counts, probabilities and scores; one stage a module, named as in the literature."""
