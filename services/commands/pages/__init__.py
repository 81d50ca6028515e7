"""What the review page needs of the rest of the house."""
