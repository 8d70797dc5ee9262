"""What Kbuild generates before it compiles, derived from the sources over all configurations."""
