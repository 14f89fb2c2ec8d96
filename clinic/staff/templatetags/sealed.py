"""Reading what lies sealed in a delivery, at the moment that it is sent."""

from __future__ import annotations

from django import template

from clinic.accounts.sealing import unseal

register = template.Library()
register.filter("unseal", unseal)
