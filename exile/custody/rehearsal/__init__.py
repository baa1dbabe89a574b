"""Made-up respondents to try the whole way on before a real file is touched."""
