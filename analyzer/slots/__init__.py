"""``kimpact slots``: what the dispatch slots of a kernel hold on each platform."""
