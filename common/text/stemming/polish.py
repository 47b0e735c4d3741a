"""A Polish stemmer by endings, over folded words, so that jezyka and języka have the same stems."""

# Nouns and adjectives; then verbs: present, infinitive, past, and the noun made of one (nauczanie).
_ENDINGS = """
a e i o u y ie ia ii io iu ej iej em iem om iom ow iow owi iowi owie iowie ami iami ach iach
ego iego emu iemu ym im ymi imi ych ich
am amy asz aja acie ysz ymy ycie isz imy icie uje ujemy ujesz uja ujecie
ac ic yc ec owac
al ala alo alem alam ali aly il ila ilo ilem ilam ili ily yl yla ylo ylem ylam yli yly
owal owala owalem owalam owali anie ania aniu aniem enie enia eniu eniem
owanie owania owaniu owaniem
""".split()
_BY_LENGTH = tuple(
    (length, frozenset(ending for ending in _ENDINGS if len(ending) == length))
    for length in sorted({len(ending) for ending in _ENDINGS}, reverse=True)
)
_MIN_STEM_LENGTH = 3
# What looks like an ending may be part of the stem: rozmów, poziom, zapach, materiał, koniec, certyfikacie.
_AMBIGUOUS_ENDINGS = {
    **{ending: ending for ending in "ow em am om ym im ach ac ic ec yc al il yl".split()},
    **{
        "owi": "ow",
        "owie": "ow",
        "aja": "aj",
        "acie": "at",
        "icie": "it",
        "ycie": "yt",
        "ujecie": "ujet",
    },
    **{
        "ala": "al",
        "ali": "al",
        "aly": "al",
        "ila": "il",
        "ily": "il",
        "yla": "yl",
        "yly": "yl",
        "iemu": "iem",
    },
    **{
        "anie": "an",
        "ania": "an",
        "aniu": "an",
        "enie": "en",
        "enia": "en",
        "eniu": "en",
    },
}
_IRREGULAR = {
    **dict.fromkeys(("dzieci", "dzieciom", "dziecmi", "dzieciach"), ("dzieck",)),
    **dict.fromkeys(("ludzi", "ludzie", "ludziom", "ludzmi", "ludziach"), ("czlowiek",)),
    **dict.fromkeys(
        ("rok", "roku", "rokiem", "lata", "lat", "latach", "latami", "latom"), ("rok",)
    ),
}


def stem(word: str) -> str:
    """The folded word without its ending, never shorter than three letters."""
    return word.removesuffix(_ending(word))


def stems(word: str) -> tuple[str, ...]:
    """Every stem that may stand for a folded word; two forms of one word share at least one."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    ending, left = _ending(word), stem(word)
    found = [left, *_hardened(left, ending)]
    if ending in _AMBIGUOUS_ENDINGS:
        found.append(left + _AMBIGUOUS_ENDINGS[ending])
    if ending == "ec":
        found.append(left.removesuffix("i") + "c")
    return tuple(dict.fromkeys(found))


def _ending(word: str) -> str:
    for length, endings in _BY_LENGTH:
        if len(word) - length >= _MIN_STEM_LENGTH and word[-length:] in endings:
            return word[-length:]
    return ""


def _hardened(stem: str, ending: str) -> tuple[str, ...]:
    """The stem before consonant alternation: matematyce, gitarze, studenci; nauczycielek, uczen."""
    if len(stem) <= _MIN_STEM_LENGTH:
        return ()
    if ending == "" and stem[-2] == "e" and stem[-1] in "knc":
        return (stem[:-2].removesuffix("i") + stem[-1],)
    if stem.endswith("rz") and ending in ("e", "y"):
        return (stem[:-1],)
    if ending == "e" and stem.endswith("dz"):
        return (stem[:-2] + "g",)
    if ending == "ie" and stem.endswith("dz"):
        return (stem[:-1],)
    if stem.endswith("c") and ending in ("e", "y"):
        return (stem[:-1] + "k",)
    if stem.endswith("c") and ending in ("i", "ie"):
        return (stem[:-1] + "t",)
    return ()
