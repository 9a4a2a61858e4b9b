"""What is written, counted and traced of a request. None of it can replace the answer."""
