"""Neural models as folders that `transformers` opens, and such folders as models: GPT-2's names and shapes."""
