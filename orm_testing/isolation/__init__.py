"""How each test starts clean at the least cost, and how a leak is found."""
