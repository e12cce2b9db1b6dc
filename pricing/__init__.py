"""Pure pricing: money, price plans and their certificates, valuation, quality rules.

Nothing here opens a file, a socket or a database; `python -m pricing` is the only input and output.
Import the parts by name: `pricing.money`, `pricing.plans`, `pricing.valuation`, `pricing.quality`.
"""

ENGINE_VERSION = "2.0.0"
"""Version of the arithmetic: it changes whenever the same input may give another figure."""
