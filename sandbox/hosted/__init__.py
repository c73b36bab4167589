"""What an end user sees: the modal, the link page, and the script that opens the modal."""
