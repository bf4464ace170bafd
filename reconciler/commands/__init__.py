"""What each command does once its words are understood: one module for each family of them."""
