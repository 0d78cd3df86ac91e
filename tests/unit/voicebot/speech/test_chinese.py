from voicebot.speech.chinese import simplified


def test_traditional_characters_become_simplified_word_by_word() -> None:
    assert simplified(["我", "們", "用", "Python,", "寫", "資料", "庫。"]) == (
        "我",
        "们",
        "用",
        "Python,",
        "写",
        "资料",
        "库。",
    )


def test_neighbours_decide_what_a_character_means() -> None:
    assert simplified(["享", "受", "著", "，", "著", "名"]) == ("享", "受", "着", "，", "著", "名")


def test_simplified_text_stays() -> None:
    assert simplified(["以后", "皇后"]) == ("以后", "皇后")
    assert simplified([]) == ()
