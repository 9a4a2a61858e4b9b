"""What a request passes on its way to the author's server, and its answer on the way back."""
