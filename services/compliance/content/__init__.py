"""What messages say: checked before they are sent, remembered by the digest of their content."""
