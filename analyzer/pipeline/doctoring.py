"""``kimpact doctor``: what there is and what is missing."""

from __future__ import annotations

import os

from analyzer.doctor.result import DoctorResult
from analyzer.requests import DoctorRequest


def run_doctor(request: DoctorRequest) -> DoctorResult:
    """Look at the installation, and at the tree and configurations that are named.

    What cannot be used is a finding; nothing is raised for it.
    """
    from analyzer.doctor.installed import extras, libraries, program, tools
    from analyzer.doctor.kept import cache
    from analyzer.doctor.kernel import configurations, kernel

    return DoctorResult(
        (
            *program(),
            *libraries(),
            *extras(),
            *tools(),
            *cache(os.environ),
            *kernel(request.kernel, request.arch),
            *configurations(request.configs, request.kernel, request.arch),
        )
    )
