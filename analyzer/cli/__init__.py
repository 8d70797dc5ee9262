"""The command line: parse, call the pipeline, render, exit. Only this part prints or exits."""
