"""What `benches/load_peers.py` is made of."""
