"""What lies on the bus: streams, consumers, buckets, and who keeps them within bounds."""
