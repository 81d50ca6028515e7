"""A report judged beside others: the year before, sister bodies, the members of a roll-up."""
