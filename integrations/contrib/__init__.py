"""Parts that not everybody needs: each is an app, listed before `integrations` or left out."""
