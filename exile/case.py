"""This audit's own register and rules, read from ``data/``."""

from __future__ import annotations

from exile.audit.claims import Register, Stated
from exile.audit.claims import load_register as _load_register
from exile.audit.rules import Rules
from exile.audit.rules import load_rules as _load_rules
from exile.data import data_directory
from exile.errors import InputError


def register() -> Register:
    """The claims of the article."""
    return _load_register(data_directory() / "claims.yaml")


def rules() -> Rules:
    """The declared verdict rules."""
    return _load_rules(data_directory() / "rules.toml")


def stated(claim_id: str, name: str) -> Stated:
    """A number as the article states it, for example ``stated("car-27-4", "russia")``.

    Raises
    ------
    InputError
        If the claim is unknown or states no such number.
    """
    claim = register()[claim_id]
    try:
        return claim.states[name]
    except KeyError:
        raise InputError(
            f"claims.yaml, {claim_id}",
            f"the article states no '{name}' there",
            f"It states {sorted(claim.states) or 'no number'}.",
        ) from None
