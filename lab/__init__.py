"""The local AWS, and what the tests, the benchmarks and the demonstration share; imports none of these."""
