"""People at the clinic and conversations, as the staff pages' tests have them."""

from tests.clinic.staff.conftest import _fresh, clinician, member, talk

__all__ = ["_fresh", "clinician", "member", "talk"]
