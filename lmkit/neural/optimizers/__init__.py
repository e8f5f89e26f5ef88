"""Optimizers: steps down the gradient of a loss, on one vector of all parameters; learning rates, clipping, paths on surfaces to look at."""
