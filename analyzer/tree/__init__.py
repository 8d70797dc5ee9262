"""The source tree under analysis. It is untrusted: read, never executed, never written."""
