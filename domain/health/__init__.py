"""How the whole stands, in numbers an operator watches."""
