import pytest

from actions.answers import corrected_name, name_in, spelled_address, stated_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ok, Chris Brown", "Chris Brown"),
        ("Lopez, Ana", "Lopez, Ana"),
        ("actually my number is 916 555 0177", ""),
        ("I don't have a phone", ""),
        ('=HYPERLINK("http://evil.example","click")', '=HYPERLINK("http://evil.example","click")'),
        ("it's Ana, call me after five", "Ana"),
        ("Oh Se-hun", "Oh Se-hun"),
        ("<b>Ana</b> ana@example.com", "<b>Ana</b>"),
    ],
)
def test_the_name_of_an_answer(text: str, name: str) -> None:
    assert name_in(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("can i come thursday, i'm ana, 916 555 0100", "ana"),
        ("9165550133 and i am called tom", "tom"),
        ("i'm pregnant, 916 555 0100", None),
        ("i am so worried, 916 555 0100", None),
        ("i'm new, 916 555 0100", None),
        ("the name is wrong", None),
    ],
)
def test_a_name_that_is_said_beside_a_number(text: str, name: str) -> None:
    assert stated_name(text, beside_contact=True) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Sorry it's John not Jon", "John Smith"),
        ("no, Jonn Smith", "Jonn Smith"),
        ("no, that is wrong", None),
        ("Jon Smith", None),
        ("not now, not ever", None),
    ],
)
def test_a_correction_of_the_known_name(text: str, name: str) -> None:
    assert corrected_name(text, "Jon Smith") == name


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("sam at mail dot example", "sam@mail.example"),
        ("it is sam.hill (at) mail dot co dot uk", "sam.hill@mail.co.uk"),
        ("I am free at noon. thanks", ""),
        ("call me at nine", ""),
    ],
)
def test_an_address_that_is_spelled(text: str, address: str) -> None:
    assert spelled_address(text) == address
