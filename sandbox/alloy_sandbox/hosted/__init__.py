"""What an end user sees: the modal and the script that opens it, the link page, the log-in page."""
