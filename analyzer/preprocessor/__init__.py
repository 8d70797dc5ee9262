"""The C preprocessor, run once for all configurations of a ConfigSet."""
