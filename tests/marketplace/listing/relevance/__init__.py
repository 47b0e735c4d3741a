"""How well searches find and order whom people mean: judgements, measures, and the page that reports them.

The rules of relevance themselves are tested with the listing.
"""
