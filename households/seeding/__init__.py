"""Invented households for demonstrations, tests and measurements. Nobody in them lives."""
