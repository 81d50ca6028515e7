"""The way of one message through a service: taken, handled, published, settled, told."""
