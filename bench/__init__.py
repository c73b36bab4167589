"""Evidence: programs that measure AcmeCo, or try to break it, against real processes."""
