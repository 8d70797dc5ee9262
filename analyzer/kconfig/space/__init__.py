"""The configuration space of a Kconfig tree: what can be had, how, and why not.

A tree's rules become clauses of propositional logic (``encoding``), one pair of variables
for each tristate as ``evaluate`` has two masks, with the user's values free. A solver
(``solving``, the only module that knows the SAT library) then finds the fewest lines that
lead from a base configuration to given values, or the statements that rule them out
(``argument``). What is offered as possible has been resolved (``witness``); what is called
impossible follows from clauses that allow at least what the kernel's ``conf`` allows.
``space`` is the entrance.
"""
