"""One complete trade on real data, through a real server, over HTTP: `exchange demo`."""
