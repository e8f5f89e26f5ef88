"""How what lmkit says is translated: `python -m translations` brings the catalogues up to date."""
