"""Operations on saved tutors and saved searches, and what is new to a search. Not their tables."""
