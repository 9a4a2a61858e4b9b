"""Builds the zip of a TypeScript or JavaScript server: one bundle of its code and its packages, and the host."""
