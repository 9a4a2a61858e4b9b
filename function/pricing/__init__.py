"""What AWS charges for an endpoint: the prices, the bill that is made of them, and tables of both."""
