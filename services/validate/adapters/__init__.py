"""The validate service's doors to the outside."""
