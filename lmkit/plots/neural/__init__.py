"""What networks are made of, as pictures: functions, paths of optimizers, positions, attention."""
