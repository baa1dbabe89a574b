"""What may leave a run on restricted respondents: rules, suppression, and its audit."""

from exile.custody.release.profile import Profile, load_profile
from exile.custody.release.suppression import Released, release, residual_df_ok, safe_share

__all__ = ["Profile", "Released", "load_profile", "release", "residual_df_ok", "safe_share"]
