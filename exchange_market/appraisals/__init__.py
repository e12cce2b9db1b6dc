"""What data are worth: measured quality, recomputable valuations, certified prices."""
