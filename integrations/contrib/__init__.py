"""What not everybody needs: each an app, to be listed before `integrations` or left out."""
