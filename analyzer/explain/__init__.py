"""``kimpact explain``: a symbol's value, every statement on it, and the chain behind it."""
