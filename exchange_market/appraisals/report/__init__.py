"""The valuation report and its working papers, built from what is known of a valuation."""
