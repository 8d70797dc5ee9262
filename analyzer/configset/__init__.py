"""Configurations and masks: the algebra that every condition is expressed in."""
