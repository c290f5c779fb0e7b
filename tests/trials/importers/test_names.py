"""Names of authors in any order."""

import pytest

from trials.importers.names import from_parts, from_text, official, split


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Example, Ada", "Example, Ada"), ("Example,A.", "Example, A."), ("Example A.B.", "Example, A.B."),
        ("Example C D", "Example, C D"), ("A. Author-One", "Author-One, A."), ("J. R. R. Example", "Example, J. R. R."),
        ("van der Sample C.", "van der Sample, C."), ("Berg, Jan van der", "van der Berg, Jan"),
        ("Ada van der Example", "van der Example, Ada"), ("Souza, M. de", "de Souza, M."),
        ("Smith, Jr., John", "Smith, John Jr"), ("Smith, John, III", "Smith, John III"),
        ("Smith Jr, John", "Smith, John Jr"), ("John Smith, Jr.", "Smith, John Jr"), ("Smith JA Jr", "Smith, JA Jr"),
        ("Smith, 3rd, John", "Smith, John III"), ("Example, Ada, MD, PhD", "Example, Ada"),
        ("EXAMPLE, ADA", "Example, Ada"), ("EXAMPLE, A.B.", "Example, A.B."), ("SMITH JA", "Smith, JA"),
        ("VAN DER BERG, JAN", "van der Berg, Jan"), ("MCDONALD, R", "McDonald, R"), ("EXAMPLE Ada", "Example, Ada"),
        ("Çukurova Z", "Çukurova, Z"),
        ("IŞIK, ALİ", "Işık, Ali"), ("Ali IŞIK", "Işık, Ali"), ("Mehmet KOÇ", "Koç, Mehmet"),
        ("Smith JAM", "Smith, JAM"), ("Silva MCSR", "Silva, MCSR"),
        ("McINTYRE, B", "McIntyre, B"),
        ("王, 伟", "王, 伟"), ("Sukarno", "Sukarno"), ("Example, Ada*", "Example, Ada"),
        ("World Health Organization,", "World Health Organization"), ("REALIST Group", "REALIST Group"),
        ("for the REALIST Investigators", "REALIST Investigators"), ("Barnes and Noble", "Barnes and Noble"),
        ("Cell Therapy Group, University of X", "Cell Therapy Group University of X"),
        ("Example, Ada (0000-0002-1825-0097)", "Example, Ada"), ("Example, Ada Maria MD PhD", "Example, Ada Maria"),
        ("Ada Example https://orcid.org/0000-0002-1825-0097", "Example, Ada"),
        ("[Anonymous]", ""), ("et al.", ""), (" , ", ""),
    ],
)  # fmt: skip
def test_name_has_its_family_name_first(written: str, name: str) -> None:
    assert from_text(written) == name


def test_suffix_and_particle_are_found_in_any_part() -> None:
    assert from_parts("Smith Jr", "John") == from_parts("Smith", "John Jr.") == from_parts("Smith", "John", "Jr.")
    assert from_parts("Berg", "Jan van der") == "van der Berg, Jan"


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Example, Ada; Sample, Ben and", ["Example, Ada", "Sample, Ben"]),
        ("Example, Ada and Sample, Ben", ["Example, Ada", "Sample, Ben"]),
        ("Liu R., Chen X. & Wang Y.", ["Liu R.", "Chen X.", "Wang Y."]),
        ("Liu, R., Chen, X. Y.", ["Liu, R.", "Chen, X. Y."]),
        ("Ada Example and Ben Sample", ["Ada Example", "Ben Sample"]),
        ("Ada Example, Ben Sample, Cy Third", ["Ada Example", "Ben Sample", "Cy Third"]),
        ("Ada Example, Ben Sample and Cy Third", ["Ada Example", "Ben Sample", "Cy Third"]),
        ("van der Berg, Jan Willem and Ada Example", ["van der Berg, Jan Willem", "Ada Example"]),
        ("García López, María José", ["García López, María José"]),
        ("García López, María José and Pérez Ruiz, Ana María", ["García López, María José", "Pérez Ruiz, Ana María"]),
        ("Liu R, Chen X, on behalf of the REALIST Investigators", ["Liu R", "Chen X", "REALIST Investigators"]),
        ("Centre for Cells and Lungs", ["Centre for Cells and Lungs"]),
        ("World Health Organization,", ["World Health Organization,"]),
    ],
)
def test_line_of_several_names_is_split(line: str, names: list[str]) -> None:
    assert split(line) == names


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Minh Do, MD", "Do, Minh"), ("Minh Do, DO", "Do, Minh"), ("Minh DO", "Do, Minh"),
        ("Prof. Dr. Minh Do MD PhD", "Do, Minh"), ("MD, Minh Do", "Do, Minh"),
        ("Ricordi, Camillo, MD", "Ricordi, Camillo"),
        ("Jan van der Berg, M.D., Ph.D.", "van der Berg, Jan"), ("John Smith, Jr., MD", "Smith, John Jr"),
        ("Assoc. Prof. Ada Example, BSc (Hons)", "Example, Ada"), ("DILOGO Ismail", "Dilogo, Ismail"),
        ("Study Director", "Study Director"), ("", ""), ("MD", ""),
    ],
)  # fmt: skip
def test_investigator_loses_titles_and_degrees(written: str, name: str) -> None:
    assert official(written) == name
