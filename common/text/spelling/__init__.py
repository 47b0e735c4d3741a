"""One word written in other ways: misspelt, in the wrong keyboard layout, in the other alphabet;
which words there are to correct it to is the caller's."""
