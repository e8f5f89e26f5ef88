"""What each word costs: from scores to pages, bars, coloured text, tables."""
