"""The report: one page for people who decide, made of what the newest run has kept."""

from __future__ import annotations

from vocative.desk.report.writing import write_report

__all__ = ["write_report"]
