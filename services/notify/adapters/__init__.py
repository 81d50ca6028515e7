"""The service's doors: the file of webhooks, the network, consumers on the bus."""
