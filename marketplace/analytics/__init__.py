"""Counts of how tutors are found: in the process first, then in daily rows; and when these expire.

Who reads them lives in marketplace/insights (tutors) and marketplace/search_report (operators).
"""
