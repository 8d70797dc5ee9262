"""The JSON contract of ``doctor`` (``docs/schema/doctor-1.json``)."""

from __future__ import annotations

from analyzer.doctor.result import DoctorResult
from analyzer.report.json_parts import document_text

DOCTOR_SCHEMA = "kimpact/doctor/1"


def doctor_json(result: DoctorResult) -> str:
    """The text of a ``kimpact/doctor/1`` document, with a final line end."""
    return document_text(
        {
            "schema": DOCTOR_SCHEMA,
            "healthy": result.healthy,
            "findings": [
                {
                    "area": one.area,
                    "name": one.name,
                    "health": one.health.value,
                    "found": one.found,
                    "advice": one.advice or None,
                }
                for one in result.findings
            ],
        }
    )
