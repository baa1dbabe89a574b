"""How leaks are found: a built site is searched for what came from respondents."""
