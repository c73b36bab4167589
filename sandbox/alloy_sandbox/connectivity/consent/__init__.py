"""The page on which a service asks whether Alloy may use somebody's account."""
