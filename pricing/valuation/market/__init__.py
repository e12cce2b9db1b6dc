"""Market approach: what buyers paid for comparable data, made like the data that are valued."""
