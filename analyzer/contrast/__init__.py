"""``kimpact configs``: which symbols differ between configurations."""
