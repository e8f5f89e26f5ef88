"""Neural language models: functions and their derivatives, optimizers."""
