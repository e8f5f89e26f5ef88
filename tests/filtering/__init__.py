"""Records filtered, selected, sorted."""
