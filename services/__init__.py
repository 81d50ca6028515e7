"""The five services of gouji and its command line."""
