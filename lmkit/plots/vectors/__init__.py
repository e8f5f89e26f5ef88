"""Words as points on a map: from vectors to two coordinates, labels that keep apart, pictures, pages and text."""
