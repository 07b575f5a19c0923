"""Does a MODEL write like a student of another? Panels of reference answers, kinship on shared prompts, verdicts."""

from __future__ import annotations

from provenance.audit.result import AuditResult, IdentityClaims, TeacherKinship
from provenance.audit.settings import AuditSettings

__all__ = ["AuditResult", "AuditSettings", "IdentityClaims", "TeacherKinship"]
