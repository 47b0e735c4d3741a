"""From a word to its stems in Ukrainian, Polish and English, with tables of what rules cannot know;
which of them are stored and looked for is decided in common/text/lexemes.py."""
