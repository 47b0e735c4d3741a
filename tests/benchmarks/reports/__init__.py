"""Figures as tables and as records that are compared; measures nothing."""
