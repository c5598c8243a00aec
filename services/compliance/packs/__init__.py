"""An agency's own rule packs: drafted, seen in shadow, approved by a second person, withdrawn."""
