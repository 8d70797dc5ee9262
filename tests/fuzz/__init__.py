"""Fuzzing of everything that reads what strangers send.

``make fuzz SECONDS=600`` runs each harness that long under atheris, which watches what the
readers execute; ``make fuzz HARNESS="kconfig mail"`` only these. What it comes upon is kept
in ``~/.cache/kimpact/fuzz``. The seeds in ``corpus/``, and inputs that broke something once,
are run by ``make test`` without atheris.
"""
