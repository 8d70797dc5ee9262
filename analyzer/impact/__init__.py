"""What a patch changes: for which functions, in which configurations, on which platforms."""
