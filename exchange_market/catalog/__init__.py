"""The catalogue: dataset products, their revisions and column dictionaries, listing states,
search.
"""
