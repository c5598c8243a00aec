"""What recorded decisions would have been by another book, or with what was learnt since."""
