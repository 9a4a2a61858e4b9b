"""What the module costs and how fast it is, measured."""
