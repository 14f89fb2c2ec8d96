"""People at the clinic and conversations, as the staff pages' tests have them."""

from tests.clinic.staff.conftest import _fresh, manager, member, staff, talk

__all__ = ["_fresh", "manager", "member", "staff", "talk"]
