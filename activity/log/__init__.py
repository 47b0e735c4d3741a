"""The log as its person reads it: pages, their filters and answers, single events, an export's walk.
What is written to it is not here.
"""
