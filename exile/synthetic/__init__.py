"""Made-up respondents: they verify code and compute power, and never judge a claim."""
