"""From names of files to ids: sources -> sentences -> tokens -> ids, and lines of tokens for those who want text again."""
