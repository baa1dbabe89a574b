"""What may leave a run on restricted respondents: rules, suppression, its audit, sign-off."""
