"""Why calls were denied: causes, and the rules that find them."""
