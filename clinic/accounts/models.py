"""Who works at the clinic."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A member of staff. `must_change_password` holds while the password is one that somebody else has seen."""

    must_change_password = models.BooleanField(default=False)
