"""Networks: how layers become a model that says the next token, each with one idea more than the last."""
