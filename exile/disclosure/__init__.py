"""What may leave a run on restricted respondents: rules, suppression, and its audit."""

from exile.disclosure.profile import Profile, load_profile
from exile.disclosure.tables import Released, release, residual_df_ok, safe_share

__all__ = ["Profile", "Released", "load_profile", "release", "residual_df_ok", "safe_share"]
