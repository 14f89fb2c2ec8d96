"""How staff can reach a visitor who said that they may."""
