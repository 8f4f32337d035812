"""What signing in keeps: counted tries, second factors and former passwords. Part of registry/models.py."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from registry.numbers import SealedText


class SignInTries(models.Model):
    """Failed tries under one name or from one address; in the database, since every web process counts."""

    # An HMAC: people type passwords where the name belongs.
    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key[:8]


class SecondFactor(models.Model):
    """The key that a user's authenticator app holds too; unconfirmed until she has typed a first code."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="second_factors"
    )
    key_sealed = models.BinaryField()
    is_confirmed = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True)
    # The time step of the last code taken: none is taken twice.
    last_step = models.BigIntegerField(default=-1)
    recovery_hashes = ArrayField(models.CharField(max_length=128), default=list)

    key = SealedText()  # in hexadecimal digits

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(is_confirmed=True), name="one_second_factor_per_user"
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(is_confirmed=False), name="one_new_second_factor_per_user"
            ),
        ]

    def __str__(self) -> str:
        return f"second factor of {self.user_id}"


class FormerPassword(models.Model):
    """The hash of a password once chosen, the current one included, so that it is not chosen again."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="former_passwords"
    )
    password = models.CharField(max_length=128)
    chosen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"password of {self.user_id}"
