"""kimpact: the kernel config and patch impact analyzer.

Given a Linux source tree and a set of configurations, the package derives which
call path a function takes, in which configurations, without building the kernel.
``docs/architecture.md`` describes the parts and the one direction in which they
may import each other.
"""

__version__ = "0.1.0"
