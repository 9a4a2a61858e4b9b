"""Settles on AWS what no emulator can show: a throwaway stack, and rows that say what is expected and what is seen."""
