"""Pure parts of the review page: questions, looks of cells, lit passages, charts, words."""
