"""What makes records believable: keys under a master key, audit leaves in one chain, public
keys."""
