"""Real kernel trees for the tests: where they are, and how ``make kernels`` gets them."""
